#include <leat/connectors/kafka/kafka_source.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/kafka_partition_reader.hpp>
#include <leat/connectors/kafka/partition_watch.hpp>
#include <leat/connectors/kafka/start_offsets.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat {

namespace {

/// Metrics of several topics of one source must not meet: partitions of the second topic count from here.
constexpr std::uint32_t instances_per_topic = 1U << 16U;

std::string group_of(const kafka_source_options& options, const connector_context& context) {
  if (!options.group.empty())
    return options.group;
  const auto said = context.config->text("kafka.group");
  return said.empty() ? context.job : said;
}

std::vector<client_property> properties_of(const connector_context& context, const std::string& group) {
  auto all = client_properties(*context.config, client_role::consumer);
  all.insert(all.begin(), {"group.id", group, "kafka.group"});
  all.insert(all.begin(), {"client.id", context.job, "the job's name"});
  all.push_back({"enable.partition.eof", context.bounded ? "true" : "false", "Leat's own default"});
  return all;
}

} // namespace

/// What `open` finds out; shared with nobody.
struct kafka_source::opened {
  connector_context context;
  std::string group;
  time_bounds bounds;
  std::shared_ptr<kafka_consumer> consumer;
  std::vector<partition_start> starts;
  std::map<std::string, std::int32_t> counts; // partitions of each topic
  std::unique_ptr<partition_watch> watch;
  std::vector<std::shared_ptr<const format>> decoding; // by topic, as `kafka_source_options` has them
};

kafka_source::kafka_source(
  kafka_source_options options, const format& decoded_by, const schema& of,
  std::shared_ptr<const timestamp_assigner> event_time)
  : options_{std::move(options)}, format_{decoded_by}, schema_{of}, event_time_{std::move(event_time)} {}

kafka_source::~kafka_source() = default;

std::vector<partition> kafka_source::open(const connector_context& context) {
  if (options_.topics.empty())
    throw pipeline_error{fmt::format("step \"{}\": a Kafka source needs a topic", context.step)};
  const kafka_deadline deadline{kafka_open_timeout, context.stop};
  auto now = std::make_unique<opened>();
  now->context = context;
  now->group = group_of(options_, context);
  now->bounds = time_bounds::of(*context.config);
  // What a checkpoint knows nothing of has appeared since then; but a source that it knows nothing of at all is new.
  const auto start = context.restored && !context.read.empty() ? kafka_start::earliest()
                                                               : options_.start.value_or(configured_start(*context.config));

  now->consumer = std::make_shared<kafka_consumer>();
  auto& consumer = *now->consumer;
  consumer.user = {context.step, kafka_brokers(*context.config)};
  consumer.committer = std::make_shared<offset_committer>(now->group);
  consumer.client = std::make_unique<kafka_client>(
    client_role::consumer, properties_of(context, now->group), fmt::format("kafka source {}", context.step),
    consumer.committer);
  consumer.committer->attach(consumer.client->get());

  std::vector<partition> found;
  for (const auto& topic : options_.topics) {
    const auto count = partition_count(*consumer.client, topic, topic_use::read, consumer.user, deadline);
    now->counts[topic] = count;
    for (std::int32_t p = 0; p < count; ++p)
      found.push_back({topic, p});
  }
  now->starts = resolve_start(*consumer.client, found, start, consumer.user, deadline);
  for (const auto& topic : options_.topics)
    now->decoding.push_back(format_.opened({format_use::way::reads, &now->context, topic, &schema_}));
  opened_ = std::move(now);
  return found;
}

position_store kafka_source::positions() const {
  return {
    fmt::format("consumer group \"{}\" on {}", opened_->group, opened_->consumer->user.brokers),
    "give one of them another group: kafka::source<T>(…).group(\"…\")"};
}

std::unique_ptr<partition_reader>
kafka_source::make_reader(const partition& which, std::optional<std::int64_t> from, waker wake) {
  const auto& o = *opened_;
  const auto known = std::ranges::find(o.starts, which, &partition_start::which);
  if (from && known != o.starts.end() && *from > known->end)
    throw connector_error{step_text(
      o.consumer->user, fmt::format(
                          "the checkpoint goes on at offset {} of {}, which holds records up to {} only: was the topic "
                          "created anew, or has it "
                          "lost records? Begin with a state directory that is empty to read what is there",
                          *from, to_string(which), known->end))};
  // A partition that appeared later is read from 0.
  const auto start = from.value_or(known == o.starts.end() ? 0 : known->start);
  const auto end = o.context.bounded && known != o.starts.end() ? known->end : kafka_partition_reader::unbounded;
  const auto topic = static_cast<std::size_t>(std::ranges::find(options_.topics, which.topic) - options_.topics.begin());
  const auto instance = static_cast<std::uint32_t>(topic) * instances_per_topic + static_cast<std::uint32_t>(which.number);
  return std::make_unique<kafka_partition_reader>(
    o.consumer, which, start, end,
    record_intake{
      o.context.step, which, o.decoding.at(topic)->make_decoder(schema_), event_time_, o.bounds,
      time_refusals::of(*o.context.metrics, o.context.step, instance), o.context.origins},
    o.context.metrics->get("bytes_in", o.context.step, instance), std::move(wake));
}

void kafka_source::watch(const std::function<void(partition)>& on_new) {
  if (opened_->context.bounded)
    return; // what appears now comes after the end
  opened_->watch = std::make_unique<partition_watch>(
    opened_->consumer, opened_->counts, opened_->context.config->span("kafka.discovery-interval"), on_new);
}

timestamp kafka_source::settled() const {
  timestamp latest = min_timestamp;
  for (const auto& s : opened_->starts)
    latest = std::max(latest, s.settled);
  return latest;
}

std::optional<std::string> kafka_source::close(duration deadline) {
  if (!opened_)
    return std::nullopt;
  opened_->watch.reset();
  auto& committer = *opened_->consumer->committer;
  if (committer.finish(deadline))
    return std::nullopt;
  const auto why = committer.failure().value_or(
    fmt::format("group \"{}\": not all offsets are committed within {}", opened_->group, format_duration(deadline)));
  return step_text(opened_->consumer->user, why + ". The next start reads again what came after the last commit");
}

} // namespace leat
