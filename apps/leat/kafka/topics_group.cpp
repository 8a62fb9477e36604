#include <leat/apps/leat/command_groups.hpp>

#include <leat/apps/leat/kafka/kafka_options.hpp>
#include <leat/apps/leat/kafka/topic_commands.hpp>
#include <leat/apps/leat/leat_command.hpp>

namespace leat::cli {

namespace {

constexpr command_option partitions{"--partitions", "N", "How many; default 1. To alter: how many in the end, no fewer."};
constexpr command_option replication{"--replication", "N", "Copies of each record; default the brokers'."};
constexpr command_option all_topics{"--all", "", "Also those of Kafka itself, whose names begin with __."};
constexpr command_option all_settings{"--all", "", "Also the settings that are the brokers' defaults."};
constexpr std::size_t any_number = 1'000;

topic_wish wish_of(const invocation& i) {
  topic_wish wanted;
  wanted.partitions = i.value<std::uint32_t>(partitions);
  wanted.replication = i.value<std::uint16_t>(replication);
  if (wanted.partitions == 0)
    throw config_error{"--partitions: a topic has at least one"};
  if (wanted.replication == 0)
    throw config_error{"--replication: there is at least one copy of each record"};
  for (auto word = i.words.begin() + 1; word != i.words.end(); ++word)
    wanted.settings.insert(pair_of(*word, "a setting of a topic"));
  return wanted;
}

int create(const invocation& i) {
  const auto wanted = wish_of(i);
  create_topic(kafka_settings(i), i.words[0], wanted, i.out, i.json());
  return command_done;
}

int list(const invocation& i) {
  list_topics(kafka_settings(i), i.has(all_topics), i.out, i.json());
  return command_done;
}

int describe(const invocation& i) {
  describe_topic(kafka_settings(i), i.words[0], i.has(all_settings), i.out, i.json());
  return command_done;
}

int alter(const invocation& i) {
  const auto wanted = wish_of(i);
  alter_topic(kafka_settings(i), i.words[0], wanted, i.out, i.json());
  return command_done;
}

int delete_some(const invocation& i) {
  delete_topics(kafka_settings(i), i.words, i.out, i.json());
  return command_done;
}

} // namespace

command_group topics_group() {
  return {
    "topics",
    "Topics of Kafka",
    "SETTING=VALUE is one of a topic's settings, as Kafka names them: retention.ms=86400000, cleanup.policy=compact. How "
    "many offsets a topic has is how many records it holds, unless it is compacted or written in transactions, whose "
    "marks take offsets too.",
    {{"create", 1, any_number, "TOPIC [SETTING=VALUE...]",
      "Creates a topic. One that is there already is fine when it is as wanted; otherwise it says how it differs, and "
      "fails.",
      with_kafka_options({partitions, replication, json_option}), create},
     {"list", 0, 0, "", "Topics, their partitions and offsets.", with_kafka_options({all_topics, json_option}), list},
     {"describe", 1, 1, "TOPIC",
      "Partitions, who leads them, what they hold, and the settings that the topic has of its own.",
      with_kafka_options({all_settings, json_option}), describe},
     {"alter", 1, any_number, "TOPIC [SETTING=VALUE...]",
      "Adds partitions, and changes settings; `SETTING=` makes one the brokers' default again. More partitions: keys go to "
      "others than before.",
      with_kafka_options({partitions, json_option}), alter},
     {"delete", 1, any_number, "TOPIC...", "Deletes topics with all their records.", with_kafka_options({json_option}),
      delete_some}}};
}

} // namespace leat::cli
