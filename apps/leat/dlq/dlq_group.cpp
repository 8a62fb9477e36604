#include <leat/apps/leat/command_groups.hpp>

#include <leat/apps/leat/dlq/dlq.hpp>
#include <leat/apps/leat/dlq/dlq_replay.hpp>
#include <leat/apps/leat/kafka/kafka_options.hpp>
#include <leat/apps/leat/leat_command.hpp>
#include <leat/base/error.hpp>

#include <fmt/format.h>

namespace leat::cli {

namespace {

constexpr command_option sample{"--last", "N", "Counts the reasons of the last N letters of each partition; default 1000."};
constexpr command_option reason{"--reason", "TEXT", "Letters whose reason has this in it."};
constexpr command_option step{"--step", "NAME", "Letters of this step."};
constexpr command_option of_partition{"--partition", "P", "Letters of this partition of the topic with letters."};
constexpr command_option offsets{
  "--offset", "N",
  "The letter of this offset; N-M: of these and those between. Of a topic of several partitions, with --partition."};
constexpr command_option limit{"--limit", "N", "At most so many."};
constexpr command_option to_topic{"--to", "TOPIC", "Into this topic; default where each comes from."};
constexpr command_option edit{
  "--edit", "COMMAND", "Each payload goes through this command of the shell first, as in --edit 'jq -c .amount=0'."};
constexpr command_option group{
  "--group", "NAME", "The consumer group that remembers which letters were sent; default TOPIC-dlq-replay."};
constexpr command_option dry_run{"--dry-run", "", "Shows what would be sent, and sends nothing."};

std::int64_t read_offset(const std::string& text) {
  const auto offset = invocation::value_of<std::int64_t>(offsets.name, text);
  if (offset < 0)
    throw config_error{fmt::format("{}: offsets are numbers from 0 on", offsets.name)};
  return offset;
}

/// `12`, or `12-20`.
void read_offsets(const std::string& text, letter_filter& to) {
  const auto dash = text.find('-', 1);
  to.first = read_offset(text.substr(0, dash));
  to.last = dash == std::string::npos ? to.first : read_offset(text.substr(dash + 1));
  if (*to.last < *to.first)
    throw config_error{fmt::format("{} {}: the last one comes before the first", offsets.name, text)};
}

letter_filter filter_of(const invocation& i) {
  letter_filter filter{.reason = i.text(reason).value_or(""), .step = i.text(step).value_or("")};
  filter.number = i.value<std::int32_t>(of_partition);
  if (filter.number && *filter.number < 0)
    throw config_error{fmt::format("{}: a number from 0 on", of_partition.name)};
  if (const auto text = i.text(offsets))
    read_offsets(*text, filter);
  return filter;
}

int list(const invocation& i) {
  const auto last = i.value<std::uint32_t>(sample).value_or(1000);
  const auto config = kafka_settings(i);
  const interruption stop;
  list_letters(config, last, stop, i.out, i.json());
  return command_done;
}

int show(const invocation& i) {
  const auto filter = filter_of(i);
  const auto most = i.value<std::uint64_t>(limit).value_or(std::numeric_limits<std::uint64_t>::max());
  const auto config = kafka_settings(i);
  const interruption stop;
  show_letters(config, i.words[0], filter, most, stop, i.out, i.json());
  return command_done;
}

int replay(const invocation& i) {
  replay_wish wish{.topic = letters_of(i.words[0]), .filter = filter_of(i), .to = {}, .edit = {}, .group = {}};
  wish.to = i.text(to_topic).value_or("");
  wish.edit = i.text(edit).value_or("");
  wish.group = i.text(group).value_or("");
  wish.limit = i.value<std::uint64_t>(limit).value_or(wish.limit);
  wish.dry_run = i.has(dry_run);
  const auto config = kafka_settings(i);
  const interruption stop;
  const auto result = replay_letters(config, wish, stop, i.out, i.err, i.json());
  i.err(fmt::format(
    "leat: {} {}, {} failed, {} were sent before, {} left out by the filter\n", with_commas(result.sent),
    wish.dry_run ? "would be sent" : "sent", with_commas(result.failed), with_commas(result.before),
    with_commas(result.unwanted)));
  return result.failed == 0 ? command_done : command_failed;
}

} // namespace

command_group dlq_group() {
  return {
    "dlq",
    "Dead letters: records that a job could not read or write",
    "TOPIC is a job's topic, or the topic with its letters, TOPIC-dlq. A letter is the record as it was, with the reason, "
    "the step "
    "that refused it, and where it was. What was replayed is remembered in a consumer group: a second replay sends what "
    "was not sent before.",
    {{"list", 0, 0, "", "Dead-letter topics, how many letters they hold, and for what reasons.",
      with_kafka_options({sample, json_option}), list},
     {"show", 1, 1, "TOPIC", "Letters, with reason, step, where they come from, and payload.",
      with_kafka_options({reason, step, of_partition, offsets, limit, registry_option, json_option}), show},
     {"replay", 1, 1, "TOPIC", "Sends letters to the topic they come from, as they were or edited, and remembers which.",
      with_kafka_options({reason, step, of_partition, offsets, limit, to_topic, edit, group, dry_run, json_option}),
      replay}}};
}

} // namespace leat::cli
