#pragma once

#include "../support/wait_until.hpp"
#include "postgres_fixture.hpp"

#include <leat/base/bytes.hpp>
#include <leat/base/encoding.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// A source of a table, read as an actor would.
template <class T>
class table_under_test {
public:
  /// @param from what an earlier one has said by `saved`.
  explicit table_under_test(const postgres::table_spec<T>& of, pg_job with, std::vector<saved_reading> from = {})
    : job{std::move(with)}, source_{of.make_source()} {
    auto context = job.context;
    context.restored = !from.empty();
    context.read = from;
    const auto found = source_->open(context);
    which_ = found.at(0);
    const auto position = from.empty() ? std::nullopt : std::optional{from[0].position};
    reader_ = source_->make_reader(which_, position, wake_.as_waker());
  }

  /// Reads once, at most a batch. @returns whether there may be more.
  bool read() {
    auto out = batch<T>::fresh();
    auto rejected = batch<dead_letter>::fresh();
    const auto status = reader_->read(*out, *rejected);
    records.insert(records.end(), out->records().begin(), out->records().end());
    letters.insert(letters.end(), rejected->records().begin(), rejected->records().end());
    if (status == read_status::drained && !wake_.wait(std::chrono::seconds{30}))
      throw std::runtime_error{"the source was not heard of for 30 s"};
    return status != read_status::ended;
  }

  table_under_test& read_to_end() {
    while (read())
      ;
    return *this;
  }

  table_under_test& read_at_least(std::size_t count) {
    while (records.size() < count && read())
      ;
    return *this;
  }

  /// What a checkpoint would have now.
  [[nodiscard]] std::vector<saved_reading> saved() const { return {{which_, reader_->position(), reader_->evidence()}}; }

  [[nodiscard]] const partition_reader& reader() const { return *reader_; }

  const pg_job job;
  std::vector<T> records;
  std::vector<dead_letter> letters;

private:
  wake_up wake_;
  const std::shared_ptr<source> source_;
  partition which_;
  std::unique_ptr<partition_reader> reader_;
};

/// Writes records to a table, as a sink does at least once.
template <class T>
void write_rows(const postgres::sink_spec<T>& to, pg_job job, const std::vector<T>& records) {
  const auto sink = to.make_sink();
  sink->open(job.context);
  wake_up wake;
  const auto writer = sink->make_writer(0, 1, wake.as_waker());
  auto in = batch<T>::fresh();
  for (const auto& r : records)
    in->push(r, timestamp{});
  for (std::size_t done = 0; done < in->size();)
    if (done += writer->write(*in, done); done < in->size())
      wake.wait(std::chrono::milliseconds{100});
  const auto segment = writer->mark();
  wait_until("rows to be written", std::chrono::seconds{30}, [&] { return writer->delivered() >= segment; });
}

/// Of all that is in them, also of what compares as unequal to itself.
template <class T>
std::vector<std::string> bytes_of(const std::vector<T>& records) {
  std::vector<std::string> all;
  for (const auto& r : records) {
    byte_writer to{all.emplace_back()};
    encode(to, r);
  }
  return all;
}

} // namespace leat::testing
