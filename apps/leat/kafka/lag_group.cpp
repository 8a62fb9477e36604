#include <leat/apps/leat/command_groups.hpp>

#include <leat/apps/leat/json_object.hpp>
#include <leat/apps/leat/kafka/interruption.hpp>
#include <leat/apps/leat/kafka/kafka_options.hpp>
#include <leat/apps/leat/kafka/lag.hpp>
#include <leat/apps/leat/leat_command.hpp>

#include <unistd.h>

namespace leat::cli {

namespace {

using namespace std::chrono_literals;

constexpr command_option topic{"--topic", "TOPIC", "Of this topic only."};
constexpr command_option watch{"--watch", "", "Again and again, until Ctrl-C; on a terminal in place."};
constexpr command_option every{"--every", "TIME", "With --watch: how often; default 2s."};
constexpr const char* clear_screen = "\033[H\033[2J\033[3J";

std::vector<std::string> groups_of(const cluster_view& view, const std::vector<std::string>& named) {
  if (!named.empty())
    return named;
  std::vector<std::string> all;
  for (const auto& group : list_groups(view))
    all.push_back(group.name);
  return all;
}

void print_json(const partition_lag& of, timestamp now, const text_sink& out) {
  json_writer json;
  {
    json_object line{json};
    line.text("time", format_timestamp(now));
    line.text("group", of.group);
    line.text("topic", of.range.of.topic);
    line.at("partition").integer(of.range.of.number);
    if (of.next)
      line.at("committed").integer(*of.next);
    if (of.range.problem.empty()) {
      line.at("begin").integer(of.range.begin);
      line.at("end").integer(of.range.end);
    }
    if (const auto lag = of.lag())
      line.number("lag", *lag);
    if (const auto note = of.note(); !note.empty())
      line.text("note", note);
  }
  json.raw('\n');
  out(json.text());
}

void print_table(const std::vector<partition_lag>& all, const text_sink& out) {
  text_table table{out, {"GROUP", "TOPIC", "PARTITION", "COMMITTED", "END", "LAG", ""}};
  std::uint64_t sum = 0;
  for (const auto& l : all) {
    const auto lag = l.lag();
    sum += lag.value_or(0);
    table.add(
      {l.group, l.range.of.topic, std::to_string(l.range.of.number), l.next ? std::to_string(*l.next) : "-",
       l.range.problem.empty() ? std::to_string(l.range.end) : "?", lag ? with_commas(*lag) : "?", l.note()});
  }
  if (all.size() > 1)
    table.add({"all", "", "", "", "", with_commas(sum), ""});
  table.finish();
}

/// One look. @returns how many partitions there were.
std::size_t look(const cluster_view& view, const invocation& i) {
  std::vector<partition_lag> all;
  for (const auto& group : groups_of(view, i.words)) {
    auto found = lag_of(view, group, i.text(topic).value_or(""));
    if (found.empty() && !i.words.empty())
      i.err(fmt::format("leat: group \"{}\" has committed nothing{}\n", group, i.has(topic) ? " for that topic" : ""));
    std::ranges::move(found, std::back_inserter(all));
  }
  if (i.json())
    for (const auto& l : all)
      print_json(l, std::chrono::floor<duration>(std::chrono::system_clock::now()), i.out);
  else
    print_table(all, i.out);
  return all.size();
}

int show_lag(const invocation& i) {
  const auto pause = span_of(i, every).value_or(2s);
  if (pause <= 0ms)
    throw config_error{"--every: a time above 0"};
  if (i.has(every) && !i.has(watch))
    throw config_error{"--every says how often to look again: it wants --watch"};
  const auto config = kafka_settings(i);
  interruption stop;
  const cluster_view view{config};
  if (!i.has(watch))
    return look(view, i) == 0 && !i.words.empty() ? command_nothing : command_done;
  const bool in_place = !i.json() && ::isatty(STDOUT_FILENO) == 1;
  std::uint64_t looks = 0;
  do {
    i.out(in_place ? clear_screen : looks > 0 && !i.json() ? "\n" : "");
    look(view, i);
    ++looks;
  } while (!stop.wait(pause));
  i.err(fmt::format("leat: ended after {}\n", counted(looks, "look")));
  return command_done;
}

} // namespace

command_group lag_group() {
  return {
    "lag",
    "How far consumer groups are behind",
    "Counts the offsets that a group has not read yet: records, and in topics that are written in transactions their "
    "marks, "
    "one each. The group of a Leat job is its kafka.group, or its name.",
    {{"", 0, 1'000, "[GROUP...]",
      "What each group has committed in each partition, and how many offsets lie behind that; without a name, all groups.",
      with_kafka_options({topic, watch, every, json_option}), show_lag}}};
}

} // namespace leat::cli
