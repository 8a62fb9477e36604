#include <leat/apps/leat/command_groups.hpp>

#include <leat/apps/leat/kafka/consume.hpp>
#include <leat/apps/leat/kafka/kafka_options.hpp>
#include <leat/apps/leat/leat_command.hpp>

namespace leat::cli {

namespace {

constexpr command_option from{
  "--from", "PLACE", "Where to begin: earliest (default), latest, an offset, or a time such as 2024-05-01T12:00:00Z."};
constexpr command_option last{"--last", "N", "Begins N offsets before the end of each partition."};
constexpr command_option group{
  "--group", "NAME", "Begins where this consumer group has stopped; joins it not, and stores nothing."};
constexpr command_option commit{"--commit", "", "With --group: stores for it, at the end, what was printed."};
constexpr command_option only{"--partition", "N", "Of this partition only; may be repeated.", true};
constexpr command_option limit{"--limit", "N", "At most so many records."};
constexpr command_option follow{"--follow", "", "Goes on at the end, until Ctrl-C."};
constexpr command_option uncommitted{
  "--read-uncommitted", "", "Also records of transactions that are open or were aborted."};
constexpr command_option headers{"--headers", "", "Headers in the table too; JSON always has them."};
constexpr command_option schema_ids{
  "--schema-ids", "",
  "In the table too, which schemas of the registry keys and values were written with; JSON always has them."};
constexpr command_option raw{"--raw", "", "Values only, as they are, a line each; tombstones are left out."};

scan_start start_of(const invocation& i) {
  if (i.has(from) + i.has(last) + i.has(group) > 1)
    throw config_error{"--from, --last and --group: one of them says where to begin"};
  if (const auto name = i.text(group))
    return from_group{*name};
  if (const auto count = i.value<std::int64_t>(last)) {
    if (*count < 0)
      throw config_error{"--last: a number of offsets, 0 or more"};
    return from_last{*count};
  }
  return parse_start(i.text(from).value_or("earliest"));
}

consume_query query_of(const invocation& i) {
  if (i.has(raw) && i.json())
    throw config_error{"--raw and --json: one of them"};
  if (i.has(commit) && !i.has(group))
    throw config_error{"--commit stores what was read for a group: it wants --group"};
  consume_query query{.topics = i.words, .partitions = {}, .from = start_of(i)};
  for (const auto& number : i.texts(only))
    query.partitions.push_back(invocation::value_of<std::int32_t>(only.name, number));
  query.limit = i.value<std::uint64_t>(limit).value_or(query.limit);
  query.commit_for = i.has(commit) ? i.text(group).value_or("") : "";
  query.follow = i.has(follow);
  query.uncommitted = i.has(uncommitted);
  query.headers = i.has(headers);
  query.schema_ids = i.has(schema_ids);
  query.form = i.json() ? record_form::json : i.has(raw) ? record_form::raw : record_form::table;
  return query;
}

int print_records(const invocation& i) {
  const auto query = query_of(i);
  const auto config = kafka_settings(i);
  const interruption stop;
  consume(config, query, stop, i.out, i.err);
  return command_done;
}

} // namespace

command_group consume_group() {
  return {
    "consume",
    "Records of topics",
    "A key or value that is null is (null), the value of a tombstone (tombstone), one without bytes (empty); bytes that "
    "are no "
    "text are \\x and two digits, in JSON {\"$bytes\": \"fffe\"}. Records of one partition come in their order, those of "
    "several as they arrive. With a registry, keys and values in Confluent's wire format are shown as JSON, whatever "
    "schema "
    "they were written with; what cannot be is bytes, and the reason is told.",
    {{"", 1, 100, "TOPIC...", "Prints records, up to what is the end when it begins.",
      with_kafka_options(
        {from, last, group, commit, only, limit, follow, uncommitted, headers, registry_option, schema_ids, raw,
         json_option}),
      print_records}}};
}

} // namespace leat::cli
