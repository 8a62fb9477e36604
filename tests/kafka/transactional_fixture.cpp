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

void saved_epochs::apply(std::uint64_t epoch, epoch_cut changed) {
  checkpoint_ = epoch;
  fail(std::move(changed));
  for (const auto& c : std::exchange(changes_, {})) {
    for (const auto& name : c.done)
      logs_.erase(name);
    if (c.log)
      logs_[c.log->name] = *c.log->bytes;
  }
}

std::vector<saved_epoch_log> saved_epochs::logs_for(std::uint32_t instance, std::uint32_t parallelism) const {
  std::vector<saved_epoch_log> found;
  for (const auto& [name, bytes] : logs_)
    if (name.shard % parallelism == instance)
      found.push_back({name, bytes});
  return found;
}

std::vector<epoch_log_name> saved_epochs::names() const {
  std::vector<epoch_log_name> all;
  for (const auto& [name, bytes] : logs_)
    all.push_back(name);
  return all;
}

void saved_epochs::save(const std::filesystem::path& file) const {
  std::string bytes;
  byte_writer to{bytes};
  to.unsigned_number(checkpoint_);
  for (const auto& [name, log] : logs_) {
    encode(to, name);
    to.text(log);
  }
  const auto aside = file.string() + ".new";
  std::ofstream{aside, std::ios::binary} << bytes;
  std::filesystem::rename(aside, file);
}

saved_epochs saved_epochs::load(const std::filesystem::path& file) {
  saved_epochs loaded;
  std::ifstream in{file, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  byte_reader from{bytes};
  if (!from.empty())
    loaded.checkpoint_ = from.unsigned_number();
  while (!from.empty()) {
    epoch_log_name name;
    decode(from, name);
    loaded.logs_[name] = from.text();
  }
  return loaded;
}

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
