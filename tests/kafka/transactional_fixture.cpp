#include "transactional_fixture.hpp"

#include "../support/wait_until.hpp"

#include <leat/base/encoding.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace leat::testing {

namespace {

const line_format lines_format;

job_context with_limits(job_context with) {
  if (!with.get().config->contains("kafka.epoch-memory"))
    with.set("kafka.epoch-memory", "64MB");
  if (!with.get().config->contains("kafka.allow-duplicates"))
    with.set("kafka.allow-duplicates", "false");
  return with;
}

} // namespace

transactional_under_test::transactional_under_test(
  job_context with, const std::string& topic, std::uint32_t instance, std::function<void(transaction_point)> passes,
  std::shared_ptr<const key_extractor> key)
  : context{with_limits(std::move(with))},
    sink{{topic, std::move(passes)}, lines_format, schema_of<line>(), std::move(key)}, instance_{instance} {
  sink.open(context.get());
  writer = sink.make_transactional_writer(instance, 1, wake.as_waker());
}

void transactional_under_test::restore(const saved_epochs& from, std::uint32_t parallelism) {
  writer->restore(from.checkpoint(), from.logs_for(instance_, parallelism));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!writer->restored()) {
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error{"the writer is not restored"};
    wake.wait(std::chrono::milliseconds{100});
  }
}

void transactional_under_test::write(const std::vector<std::string>& lines) {
  for (std::size_t at = 0; at < lines.size(); at += max_batch_records) {
    const auto end = std::min(lines.size(), at + max_batch_records);
    const auto in =
      lines_batch({lines.begin() + static_cast<std::ptrdiff_t>(at), lines.begin() + static_cast<std::ptrdiff_t>(end)});
    std::size_t done = 0;
    while (done < in->size()) {
      done += writer->write(*in, done);
      if (done < in->size())
        wake.wait(std::chrono::milliseconds{100});
    }
  }
}

void transactional_under_test::epoch(std::uint64_t number, const std::vector<std::string>& lines, saved_epochs& store) {
  write(lines);
  store.apply(number, writer->cut(number));
  writer->commit(number);
  wait_committed(number);
}

void transactional_under_test::wait_committed(std::uint64_t epoch, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (writer->committed() < epoch) {
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error{"epoch " + std::to_string(epoch) + " is not committed"};
    wake.wait(std::chrono::milliseconds{100});
  }
}

committed_reader::committed_reader(const std::string& brokers, const std::string& topic)
  : thread_{[this, brokers, topic] { run(brokers, topic); }} {}

committed_reader::~committed_reader() {
  stop_ = true;
  thread_.join();
}

void committed_reader::run(const std::string& brokers, const std::string& topic) {
  kafka_topic_reader reader{plain_properties(brokers, {{"isolation.level", "read_committed"}}), topic};
  while (!stop_)
    if (auto record = reader.next(duration{50})) {
      const std::lock_guard lock{m_};
      lines_.push_back(record->payload.value_or("(null)"));
    }
}

std::vector<std::string> committed_reader::wait_for(std::size_t count) {
  const auto come = [&] {
    const std::lock_guard lock{m_};
    return lines_.size() >= count;
  };
  wait_until(std::to_string(count) + " committed records", std::chrono::seconds{30}, come);
  const std::lock_guard lock{m_};
  return lines_;
}

std::vector<std::string> lines_of_epoch(std::uint64_t epoch, std::size_t count) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back("epoch " + std::to_string(epoch) + " line " + std::to_string(i));
  return all;
}

} // namespace leat::testing
