#include <leat/apps/leat/kafka/topic_commands.hpp>

#include <leat/apps/leat/json_object.hpp>
#include <leat/base/error.hpp>
#include <leat/connectors/kafka/blocking/topic_settings.hpp>
#include <leat/connectors/kafka/kafka_admin.hpp>

#include <fmt/ranges.h>

#include <algorithm>

namespace leat::cli {

namespace {

void print_line(json_writer& json, const text_sink& out) {
  json.raw('\n');
  out(json.text());
}

/// What was done to a topic.
void print_done(const std::string& topic, std::string_view done, const text_sink& out, bool as_json) {
  if (!as_json)
    return out(fmt::format("topic {}: {}\n", topic, done));
  json_writer json;
  {
    json_object line{json};
    line.text("topic", topic);
    line.text("done", done);
  }
  print_line(json, out);
}

/// None when the brokers do not tell of one of the partitions.
std::optional<std::uint64_t> records_in(std::span<const offset_range> ranges) {
  std::uint64_t sum = 0;
  for (const auto& r : ranges)
    if (!r.problem.empty())
      return std::nullopt;
    else
      sum += static_cast<std::uint64_t>(r.count());
  return sum;
}

void print_topics(
  const std::vector<topic_facts>& topics, const std::vector<offset_range>& ranges, const text_sink& out, bool as_json) {
  std::size_t at = 0;
  const auto ranges_of = [&](const topic_facts& t) {
    at += t.partitions.size();
    return std::span{ranges}.subspan(at - t.partitions.size(), t.partitions.size());
  };
  if (as_json) {
    for (const auto& t : topics) {
      const auto records = records_in(ranges_of(t));
      json_writer json;
      {
        json_object line{json};
        line.text("topic", t.name);
        line.number("partitions", t.partitions.size());
        line.number("replication", t.replication());
        if (records)
          line.number("offsets", *records);
      }
      print_line(json, out);
    }
    return;
  }
  text_table table{out, {"TOPIC", "PARTITIONS", "REPLICATION", "OFFSETS"}};
  for (const auto& t : topics) {
    const auto records = records_in(ranges_of(t));
    table.add(
      {t.name, std::to_string(t.partitions.size()), std::to_string(t.replication()),
       records ? with_commas(*records) : "?"});
  }
  table.finish();
}

void write_partition(json_writer& json, const partition_facts& p, const offset_range& range) {
  json_object line{json};
  const auto number = [&](std::int32_t id) { json.integer(id); };
  line.at("partition").integer(p.number);
  line.at("leader").integer(p.leader);
  line.array("replicas", p.replicas, number);
  line.array("in_sync", p.in_sync, number);
  if (!range.problem.empty())
    return line.text("problem", range.problem);
  line.at("begin").integer(range.begin);
  line.at("end").integer(range.end);
}

void write_setting(json_writer& json, const topic_setting& s) {
  json_object line{json};
  line.text("name", s.name);
  if (s.value)
    line.text("value", *s.value);
  else
    line.at("value").raw("null");
  line.at("own").raw(s.own ? "true" : "false");
}

void print_partitions(const topic_facts& topic, const std::vector<offset_range>& ranges, const text_sink& out) {
  text_table table{out, {"PARTITION", "LEADER", "REPLICAS", "IN SYNC", "BEGIN", "END", "OFFSETS"}};
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    const auto& p = topic.partitions[i];
    const auto& r = ranges[i];
    std::vector<std::string> row{
      std::to_string(p.number), p.leader < 0 ? "none" : std::to_string(p.leader),
      fmt::format("{}", fmt::join(p.replicas, ",")), fmt::format("{}", fmt::join(p.in_sync, ","))};
    if (r.problem.empty())
      row.insert(
        row.end(), {std::to_string(r.begin), std::to_string(r.end), with_commas(static_cast<std::uint64_t>(r.count()))});
    else
      row.insert(row.end(), {"?", "?", r.problem});
    table.add(std::move(row));
  }
  table.finish();
}

void print_settings_of(const std::vector<topic_setting>& settings, bool all, const text_sink& out) {
  if (settings.empty())
    return out("\nIts settings are the brokers' defaults; --all shows them.\n");
  out("\n");
  text_table table{out, {"SETTING", "VALUE", all ? "SET FOR" : ""}};
  for (const auto& s : settings)
    table.add({s.name, s.value.value_or("(a secret)"), !all ? "" : s.own ? "this topic" : "all"});
  table.finish();
}

} // namespace

void create_topic(
  const settings& config, const std::string& name, const topic_wish& wanted, const text_sink& out, bool json) {
  const cluster_view view{config};
  kafka_admin admin{config};
  const topic_spec spec{
    name, static_cast<int>(wanted.partitions.value_or(1)), wanted.replication ? int{*wanted.replication} : -1,
    wanted.settings};
  if (!view.find_topic(name) && admin.create_topic(spec))
    return print_done(name, "created", out, json);
  const auto how = differences(
    wanted, view.topic(name), wanted.settings.empty() ? std::vector<topic_setting>{} : view.topic_settings(name));
  if (!how.empty())
    throw connector_error{fmt::format(
      "there is a topic \"{}\" on {} already, and it is another one: {}. `leat topics alter` changes what can be changed",
      name, view.brokers(), fmt::join(how, "; "))};
  print_done(name, "there already, as wanted", out, json);
}

void list_topics(const settings& config, bool all, const text_sink& out, bool json) {
  const cluster_view view{config};
  auto topics = view.topics();
  if (!all)
    std::erase_if(topics, [](const topic_facts& t) { return t.name.starts_with("__"); });
  std::vector<partition> partitions;
  for (const auto& t : topics)
    std::ranges::move(t.all(), std::back_inserter(partitions));
  print_topics(topics, view.ranges(partitions), out, json);
}

void describe_topic(const settings& config, const std::string& name, bool all, const text_sink& out, bool as_json) {
  const cluster_view view{config};
  const auto topic = view.topic(name);
  const auto ranges = view.ranges(topic.all());
  auto settings = view.topic_settings(name);
  if (!all)
    std::erase_if(settings, [](const topic_setting& s) { return !s.own; });
  if (!as_json) {
    print_partitions(topic, ranges, out);
    return print_settings_of(settings, all, out);
  }
  json_writer json;
  {
    json_object line{json};
    line.text("topic", name);
    line.number("replication", topic.replication());
    std::size_t at = 0;
    line.array("partitions", topic.partitions, [&](const partition_facts& p) { write_partition(json, p, ranges[at++]); });
    line.array("settings", settings, [&](const topic_setting& s) { write_setting(json, s); });
  }
  print_line(json, out);
}

void alter_topic(
  const settings& config, const std::string& name, const topic_wish& wanted, const text_sink& out, bool json) {
  if (wanted.says_nothing())
    throw config_error{"what is to be altered? --partitions N, or SETTING=VALUE; without a value it is the default again"};
  const cluster_view view{config};
  const auto there = view.topic(name);
  if (wanted.partitions && *wanted.partitions < there.partitions.size())
    throw config_error{fmt::format(
      "topic \"{}\" has {} partitions: Kafka takes none away. Create another topic, and copy what is in this one", name,
      there.partitions.size())};
  if (!wanted.settings.empty())
    change_topic_settings(view, name, wanted.settings);
  if (wanted.partitions && *wanted.partitions > there.partitions.size())
    kafka_admin{config}.grow_topic(name, static_cast<int>(*wanted.partitions));
  print_done(name, "altered", out, json);
}

void delete_topics(const settings& config, const std::vector<std::string>& names, const text_sink& out, bool json) {
  const cluster_view view{config};
  for (const auto& name : names)
    (void)view.topic(name); // throws for one that is not there
  kafka_admin admin{config};
  for (const auto& name : names) {
    admin.delete_topic(name);
    print_done(name, "deleted", out, json);
  }
}

} // namespace leat::cli
