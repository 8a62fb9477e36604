#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/files.hpp>
#include <leat/tests/support/temporary_folder.hpp>
#include <leat/tests/support/wait_until.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace leat::testing {

struct line {
  std::int64_t n = 0;
  std::string text;
  bool operator==(const line&) const = default;
};
BOOST_DESCRIBE_STRUCT(line, (), (n, text))

inline settings file_settings() {
  settings s;
  s.set("files.poll-interval", {"2ms", "test", {}, false});
  s.set("files.accept-changes", {"false", "test", {}, false});
  s.set("time.max-past", {"36500d", "test", {}, false});
  s.set("time.max-future", {"36500d", "test", {}, false});
  return s;
}

/// What a connector is told.
struct file_world {
  temporary_folder folder;
  settings config = file_settings();
  metrics registry;
  connector_context context{"job", "step", &config, &registry};
};

/// What came out of one file so far.
class read_file {
public:
  read_file(source& from, const partition& which, std::optional<std::int64_t> position = {})
    : which_{which}, reader_{from.make_reader(which, position, [woken = woken_] { *woken = true; })} {}

  /// Reads once, at most a batch.
  read_status read() {
    auto out = batch<line>::fresh();
    auto rejected = batch<dead_letter>::fresh();
    *woken_ = false;
    const auto status = reader_->read(*out, *rejected);
    CHECK(out->size() + rejected->size() <= max_batch_records);
    lines.insert(lines.end(), out->records().begin(), out->records().end());
    letters.insert(letters.end(), rejected->records().begin(), rejected->records().end());
    return status;
  }

  /// Reads until there is nothing more for now.
  read_status drain() {
    for (;;)
      if (const auto status = read(); status != read_status::more)
        return status;
  }

  /// Reads on, as often as it is woken, until so many lines have come.
  void wait_for(std::size_t count) {
    if (lines.size() < count)
      drain();
    wait_until(
      "lines of a followed file", std::chrono::seconds{20},
      [&] {
        if (lines.size() < count && woken())
          drain();
        return lines.size() >= count;
      },
      std::chrono::milliseconds{1});
  }

  [[nodiscard]] bool woken() const { return *woken_; }
  [[nodiscard]] std::int64_t position() const { return reader_->position(); }
  [[nodiscard]] std::int64_t lag() const { return reader_->lag(); }

  /// What a checkpoint has of it.
  [[nodiscard]] saved_reading saved() const { return {which_, reader_->position(), reader_->evidence()}; }

  [[nodiscard]] std::vector<std::int64_t> numbers() const {
    std::vector<std::int64_t> all;
    for (const auto& l : lines)
      all.push_back(l.n);
    return all;
  }

  std::vector<line> lines;
  std::vector<dead_letter> letters;

private:
  partition which_;
  std::shared_ptr<std::atomic<bool>> woken_ = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<partition_reader> reader_;
};

using numbers = std::vector<std::int64_t>;

} // namespace leat::testing
