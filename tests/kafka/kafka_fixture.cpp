#include "kafka_fixture.hpp"

#include <algorithm>
#include <fstream>

#include <unistd.h>

namespace leat::testing {

const line_format source_under_test::format_;

job_context::job_context(const std::string& brokers, const std::string& job) {
  set("kafka.brokers", brokers);
  set("kafka.group", "");
  set("kafka.start", "committed");
  set("time.max-past", "36500d");
  set("time.max-future", "10min");
  context_.job = job;
  context_.step = "lines";
  context_.config = settings_.get();
  context_.metrics = metrics_.get();
}

job_context& job_context::set(const std::string& key, const std::string& value) {
  settings_->set(key, setting{.value = value, .origin = "--set", .items = {}, .is_list = false});
  return *this;
}

job_context& job_context::log_in(const std::string& user, const std::string& password) {
  set("kafka.properties.security.protocol", "sasl_plaintext").set("kafka.properties.sasl.mechanism", "PLAIN");
  return set("kafka.properties.sasl.username", user).set("kafka.properties.sasl.password", password);
}

job_context& job_context::bounded() {
  context_.bounded = true;
  return *this;
}

job_context& job_context::without_dead_letters() {
  context_.dead_letters = false;
  return *this;
}

source_under_test::source_under_test(
  job_context with, const std::string& topic, std::optional<kafka_start> start,
  std::shared_ptr<const timestamp_assigner> event_time)
  : context{std::move(with)}, source{{{topic}, start}, format_, schema_of<line>(), std::move(event_time)},
    partitions{source.open(context.get())} {}

void source_under_test::start_reading() {
  for (const auto& p : partitions)
    start_reading(p);
}

void source_under_test::start_reading(const partition& which) {
  readers[which.number] = source.make_reader(which, {}, wake_.as_waker());
}

bool source_under_test::read_once() {
  bool more = false;
  const auto in = batch<line>::fresh();
  const auto rejected = batch<dead_letter>::fresh();
  for (auto& [number, reader] : readers) {
    const auto status = reader->read(*in, *rejected);
    for (std::size_t i = 0; i < in->size(); ++i) {
      lines.push_back(in->records()[i].text);
      times.push_back(in->timestamps()[i]);
    }
    letters.insert(letters.end(), rejected->records().begin(), rejected->records().end());
    in->clear();
    rejected->clear();
    more = more || status == read_status::more;
    ended_[number] = status == read_status::ended;
  }
  return more;
}

void source_under_test::read(std::size_t wanted) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (count() < wanted && std::chrono::steady_clock::now() < end)
    if (!read_once() && count() < wanted)
      wake_.wait(std::chrono::seconds{1});
}

bool source_under_test::read_to_end() {
  const auto all_ended = [this] { return std::ranges::all_of(readers, [this](const auto& r) { return ended_[r.first]; }); };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  read_once();
  while (!all_ended() && std::chrono::steady_clock::now() < end)
    if (!read_once() && !all_ended())
      wake_.wait(std::chrono::seconds{1});
  return all_ended();
}

void source_under_test::read_for(std::chrono::milliseconds span) {
  const auto end = std::chrono::steady_clock::now() + span;
  while (std::chrono::steady_clock::now() < end)
    if (!read_once())
      wake_.wait(std::chrono::milliseconds{20});
}

std::string source_under_test::commit_and_close(timestamp settled) {
  for (auto& [number, reader] : readers)
    reader->commit(reader->position(), settled);
  readers.clear();
  return source.close(std::chrono::seconds{10}).value_or("");
}

std::vector<std::string> source_under_test::sorted_lines() const {
  auto sorted = lines;
  std::ranges::sort(sorted);
  return sorted;
}

boost::intrusive_ptr<batch<line>> lines_batch(const std::vector<std::string>& texts) {
  auto made = batch<line>::fresh();
  for (const auto& text : texts)
    made->push(line{text}, timestamp{});
  return made;
}

std::size_t resident_memory() {
  std::size_t pages = 0, resident = 0;
  std::ifstream{"/proc/self/statm"} >> pages >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

} // namespace leat::testing
