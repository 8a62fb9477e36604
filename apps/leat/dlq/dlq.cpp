#include <leat/apps/leat/dlq/dlq.hpp>

#include <leat/apps/leat/json_object.hpp>
#include <leat/apps/leat/kafka/payload_reader.hpp>
#include <leat/apps/leat/kafka/scan_start.hpp>
#include <leat/connectors/kafka/wire/dead_letter_headers.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace leat::cli {

namespace {

using namespace std::chrono_literals;

struct letter_kind {
  std::string step;
  std::string reason;
  std::uint64_t count = 0;
};

/// What the last letters of a topic are about, the most frequent first.
std::vector<letter_kind> kinds_in(
  const settings& config, const cluster_view& view, const topic_facts& topic, std::int64_t sample,
  const interruption& stop) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts;
  topic_scan scan{config, ranges_from(view, topic.all(), from_last{sample})};
  while (!scan.done() && !stop.asked())
    if (auto record = scan.next(100ms)) {
      const auto l = letter_of(std::move(*record));
      ++counts[{l.step, kind_of_reason(l.reason)}];
    }
  std::vector<letter_kind> kinds;
  for (const auto& [kind, count] : counts)
    kinds.push_back({kind.first, kind.second, count});
  std::ranges::stable_sort(kinds, std::greater{}, &letter_kind::count);
  return kinds;
}

std::uint64_t letters_in(const cluster_view& view, const topic_facts& topic) {
  std::uint64_t sum = 0;
  for (const auto& r : view.ranges(topic.all()))
    sum += r.problem.empty() ? static_cast<std::uint64_t>(r.count()) : 0;
  return sum;
}

void print_kinds_json(
  const std::string& topic, std::uint64_t letters, const std::vector<letter_kind>& kinds, const text_sink& out) {
  json_writer json;
  {
    json_object line{json};
    line.text("topic", topic);
    line.number("offsets", letters);
    line.array("reasons", kinds, [&](const letter_kind& k) {
      json_object kind{json};
      kind.text("step", k.step);
      kind.text("reason", k.reason);
      kind.number("count", k.count);
    });
  }
  json.raw('\n');
  out(json.text());
}

} // namespace

std::string letters_of(const std::string& name) {
  const std::string_view suffix = dead_letter_headers::topic_suffix;
  return name.ends_with(suffix) ? name : name + std::string{suffix};
}

std::string source_of(const std::string& letters) {
  return letters.substr(0, letters.size() - std::string_view{dead_letter_headers::topic_suffix}.size());
}

void list_letters(const settings& config, std::int64_t sample, const interruption& stop, const text_sink& out, bool json) {
  const cluster_view view{config};
  text_table table{out, {"TOPIC", "OFFSETS", "COUNT", "STEP", "REASON"}};
  for (const auto& topic : view.topics()) {
    if (!topic.name.ends_with(dead_letter_headers::topic_suffix))
      continue;
    const auto letters = letters_in(view, topic);
    const auto kinds = kinds_in(config, view, topic, sample, stop);
    if (json) {
      print_kinds_json(topic.name, letters, kinds, out);
      continue;
    }
    if (kinds.empty())
      table.add({topic.name, with_commas(letters), "", "", ""});
    for (const auto& k : kinds) {
      const bool first = &k == &kinds.front();
      table.add(
        {first ? topic.name : "", first ? with_commas(letters) : "", with_commas(k.count), shown(k.step), shown(k.reason)});
    }
  }
  if (!json)
    table.finish();
}

void show_letters(
  const settings& config, const std::string& topic, const letter_filter& filter, std::uint64_t limit,
  const interruption& stop, const text_sink& out, bool json) {
  payload_reader read{config, source_of(letters_of(topic)), stop};
  const cluster_view view{config};
  topic_scan scan{config, ranges_from(view, filter.partitions_of(view.topic(letters_of(topic))), from_earliest{})};
  json_writer line;
  for (std::uint64_t count = 0; count < limit && !scan.done() && !stop.asked();) {
    auto record = scan.next(100ms);
    if (!record)
      continue;
    const auto l = letter_of(std::move(*record));
    if (!filter.wants(l))
      continue;
    ++count;
    const auto key = read.possible(l.record.key), value = read.possible(l.record.value);
    line.clear();
    if (json)
      write_letter(line, l, key, value);
    out(json ? std::string{line.text()} : shown(l, key, value) + '\n');
  }
}

} // namespace leat::cli
