#include <leat/connectors/epochs/epoch_log.hpp>

#include <leat/connectors/epochs/epoch_log_format.hpp>

#include <fmt/format.h>

#include <mutex>
#include <utility>

namespace leat {

namespace wire = epoch_log_format;

namespace {

std::uint8_t parts_of(const logged_record& r) {
  return static_cast<std::uint8_t>(
    (r.partition ? wire::has_partition : 0) | (r.key ? wire::has_key : 0) | (r.value ? wire::has_value : 0) |
    (r.headers.empty() ? 0 : wire::has_headers));
}

} // namespace

/// Memory of a log that is out, for the next one: large memory comes from the system page by page, which costs more than filling it.
class epoch_log_writer::spare {
public:
  [[nodiscard]] std::string take() {
    const std::lock_guard lock{m_};
    return std::exchange(memory_, {});
  }

  /// Unless it is much larger than the log was.
  void keep(std::string log) {
    if (log.capacity() > 2 * log.size())
      return;
    log.clear();
    const std::lock_guard lock{m_};
    memory_.swap(log);
  }

private:
  std::mutex m_;
  std::string memory_; // guarded by m_
};

epoch_log_writer::epoch_log_writer() : spare_{std::make_shared<spare>()} {}

void epoch_log_writer::add(const logged_record& record) {
  if (log_.empty())
    begin();
  byte_writer to{log_};
  if (record.topic != topic_) {
    topic_ = record.topic;
    to.fixed(wire::topic);
    to.text(topic_);
  }
  if (record.time != time_) {
    time_ = record.time;
    to.fixed(wire::time);
    to.signed_number(to_millis(record.time));
  }
  to.fixed(wire::record);
  to.fixed(parts_of(record));
  if (record.partition)
    to.unsigned_number(static_cast<std::uint32_t>(*record.partition));
  if (record.key)
    to.text(*record.key);
  if (record.value)
    to.text(*record.value);
  if (!record.headers.empty()) {
    to.unsigned_number(record.headers.size());
    for (const auto& [name, value] : record.headers) {
      to.text(name);
      to.text(value);
    }
  }
  ++records_;
}

// Epochs are alike: with room for as much as the last had, a log is not copied again and again while it grows.
void epoch_log_writer::begin() {
  log_ = spare_->take();
  log_.reserve(usual_bytes_ + usual_bytes_ / 8);
  byte_writer{log_}.fixed(wire::version);
}

std::shared_ptr<const std::string> epoch_log_writer::finish(std::uint64_t epoch, std::uint64_t after) {
  if (log_.empty())
    begin();
  byte_writer to{log_};
  to.fixed(epoch);
  to.fixed(after);
  to.fixed(records_);
  usual_bytes_ = log_.size();
  records_ = 0;
  topic_.clear();
  time_.reset();
  return {new std::string{std::exchange(log_, {})}, [spare = spare_](std::string* log) {
            spare->keep(std::move(*log));
            delete log;
          }};
}

epoch_log_reader::epoch_log_reader(std::string_view log) : rest_{{}} {
  if (log.empty() || static_cast<std::uint8_t>(log[0]) != wire::version)
    throw state_error{fmt::format(
      "the log of an epoch is damaged, or was written by a later version of Leat: it begins with {}, not with {}",
      log.empty() ? "nothing" : std::to_string(static_cast<std::uint8_t>(log[0])), wire::version)};
  if (log.size() <= wire::trailer_bytes)
    throw state_error{fmt::format("the log of an epoch is damaged: it has only {} bytes", log.size())};
  byte_reader trailer{log.substr(log.size() - wire::trailer_bytes)};
  epoch_ = trailer.fixed<std::uint64_t>();
  after_ = trailer.fixed<std::uint64_t>();
  records_ = trailer.fixed<std::uint64_t>();
  rest_ = byte_reader{log.substr(1, log.size() - 1 - wire::trailer_bytes)};
}

std::optional<logged_record> epoch_log_reader::next() {
  while (!rest_.empty()) {
    switch (const auto kind = rest_.fixed<std::uint8_t>()) {
    case wire::topic:
      record_.topic = rest_.text();
      break;
    case wire::time:
      record_.time = from_millis(rest_.signed_number());
      break;
    case wire::record:
      read_record();
      return record_;
    default:
      throw state_error{fmt::format("the log of epoch {} is damaged: there are no items of kind {}", epoch_, kind)};
    }
  }
  if (read_ != records_)
    throw state_error{
      fmt::format("the log of epoch {} is damaged: it holds {} records and says {}", epoch_, read_, records_)};
  return std::nullopt;
}

void epoch_log_reader::read_record() {
  const auto parts = rest_.fixed<std::uint8_t>();
  record_.partition.reset();
  if (parts & wire::has_partition)
    record_.partition = static_cast<std::int32_t>(rest_.unsigned_number());
  record_.key = parts & wire::has_key ? std::optional{rest_.text()} : std::nullopt;
  record_.value = parts & wire::has_value ? std::optional{rest_.text()} : std::nullopt;
  headers_.clear();
  if (parts & wire::has_headers)
    for (auto left = rest_.size(); left > 0; --left) {
      const auto name = rest_.text();
      headers_.emplace_back(name, rest_.text());
    }
  record_.headers = headers_;
  ++read_;
}

std::vector<std::string_view> texts_of(const std::vector<saved_epoch_log>& logs) {
  std::vector<std::string_view> texts;
  for (const auto& log : logs)
    texts.emplace_back(log.bytes);
  return texts;
}

epoch_facts facts_of(std::span<const std::string_view> logs) {
  epoch_facts facts;
  for (const auto log : logs) {
    const epoch_log_reader reader{log};
    if (facts.logs.empty())
      facts.after = reader.after();
    facts.logs.push_back(reader.epoch());
  }
  return facts;
}

} // namespace leat
