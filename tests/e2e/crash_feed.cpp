#include "crash_feed.hpp"

#include "difference.hpp"
#include "payments.hpp"
#include "pipes.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <random>
#include <stdexcept>

namespace leat::testing {

namespace {

constexpr std::int64_t step = 5; // ms from one event to the next
constexpr std::int64_t usual_disorder = 200, disorder = 1000;
constexpr std::int64_t window_size = 3000, slide = 1000, bucket = 1000;

std::string json_of(const crash_event& e) {
  return fmt::format(R"({{"key":"{}","number":{},"value":{},"at":{}}})", e.key, e.number, e.value, e.time);
}

/// The values of a record in the order of `fields`, with blanks between them.
std::string read_fields(const std::string& json, const std::vector<const char*>& fields) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json).get(object) != simdjson::SUCCESS || object.size() != fields.size())
    throw std::runtime_error{"this is no row: " + json};
  std::string line;
  for (const auto* const field : fields) {
    const simdjson::dom::element value = object[field];
    line += (line.empty() ? "" : " ");
    line += value.is_string() ? std::string{std::string_view{value}} : std::to_string(std::int64_t{value});
  }
  return line;
}

/// The first `words` words of a line.
std::string beginning(const std::string& line, int words) {
  std::size_t end = 0;
  for (int i = 0; i < words; ++i)
    end = line.find(' ', end + 1);
  return line.substr(0, end);
}

/// Rows by what their first words say, each group in the order of its partition.
std::map<std::string, std::vector<std::string>>
grouped(const partition_records& found, const std::vector<const char*>& fields, int words) {
  std::map<std::string, std::vector<std::string>> groups;
  for (const auto& [partition, records] : found)
    for (const auto& json : records) {
      const auto line = read_fields(json, fields);
      groups[beginning(line, words)].push_back(line);
    }
  return groups;
}

std::string order_or_rows(const std::string& group, std::vector<std::string> found, std::vector<std::string> expected) {
  if (found == expected)
    return {};
  std::ranges::sort(found);
  std::ranges::sort(expected);
  const auto rows = difference(found, expected);
  return group + ": " + (rows.empty() ? "all rows, in the wrong order\n" : rows);
}

} // namespace

std::vector<crash_event> make_crash_events(std::uint64_t seed, int count) {
  std::mt19937_64 random{seed};
  const auto below = [&](std::int64_t n) { return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n)); };
  std::vector<crash_event> all;
  for (int i = 0; i < count; ++i) {
    const auto key = below(12);
    const auto behind = below(10) == 0 ? below(disorder) : below(usual_disorder);
    all.push_back(
      {"key-" + std::to_string(key), i, 1 + below(1000), first_minute() + disorder + i * step - behind,
       static_cast<int>(key % 4)});
  }
  return all;
}

std::string feed_topic(const std::vector<crash_event>& events) {
  const auto topic = fresh_topic("crash-in");
  kafka_admin{brokers()}.create_topic({topic, 4, -1, {}});
  feed_events(topic, events);
  return topic;
}

void feed_events(const std::string& topic, const std::vector<crash_event>& events) {
  kafka_feeder feeder{brokers()};
  for (const auto& e : events)
    feeder.send(topic, std::nullopt, json_of(e), e.partition);
  feeder.flush();
}

crash_expectation::crash_expectation(const std::vector<crash_event>& events) {
  struct sums {
    std::int64_t events = 0, sum = 0, first = 0, last = 0;
  };
  std::map<std::string, std::int64_t> seen;
  std::map<std::string, std::map<std::int64_t, sums>> buckets;
  std::map<std::string, sums> windows;
  for (const auto& e : events) {
    if (const auto n = seen[e.key]++; n % 5 == 0)
      tallies_[e.key + " sample"].push_back(fmt::format("{} sample {} {} {} {}", e.key, e.time, n / 5, e.number, e.value));
    auto& b = buckets[e.key][e.time - e.time % bucket];
    ++b.events;
    b.sum += e.value;
    for (auto start = e.time - e.time % slide; start > e.time - window_size; start -= slide) {
      const auto name = fmt::format("{} {} {}", e.key, start, start + window_size);
      auto& w = windows[name];
      w.first = w.events == 0 ? e.number : w.first;
      w.last = e.number;
      ++w.events;
      w.sum += e.value;
      totals_[name].push_back(fmt::format("{} {} {} {} {}", name, w.events, w.sum, w.first, w.last));
    }
  }
  for (const auto& [key, of_key] : buckets)
    for (std::int64_t nth = 0; const auto& [start, b] : of_key)
      tallies_[key + " bucket"].push_back(fmt::format("{} bucket {} {} {} {}", key, start, nth++, b.events, b.sum));
}

std::string crash_expectation::wrong_tallies(const partition_records& found) const {
  auto groups = grouped(found, {"key", "kind", "at", "nth", "events", "sum"}, 2);
  std::string wrong;
  for (const auto& [group, expected] : tallies_)
    wrong += order_or_rows(group, groups[group], expected);
  if (groups.size() != tallies_.size())
    wrong += "tallies that nobody expects\n";
  return wrong;
}

std::string crash_expectation::wrong_totals(const partition_records& found) const {
  auto groups = grouped(found, {"key", "from", "to", "events", "sum", "first", "last", "nth"}, 3);
  std::string wrong;
  for (const auto& [window, rows] : totals_) {
    const auto& of_window = groups[window];
    auto row = of_window.empty() ? rows.begin() : std::ranges::find(rows, beginning(of_window.front(), 7));
    lines expected;
    for (; row != rows.end(); ++row)
      expected.push_back(fmt::format("{} {}", *row, expected.size()));
    wrong += order_or_rows(window, of_window, expected);
  }
  if (groups.size() != totals_.size())
    wrong += "windows that nobody expects\n";
  return wrong;
}

} // namespace leat::testing
