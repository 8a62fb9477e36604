#include <leat/connectors/kafka/kafka_sink.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/writing/kafka_sink_writer.hpp>
#include <leat/connectors/kafka/writing/kafka_transactional_writer.hpp>
#include <leat/connectors/kafka/writing/shard_transactions.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace leat {

namespace {

constexpr std::size_t usual_batch_size = 1'000'000; // bytes: librdkafka's default

constexpr int longest_linger = 1000; // ms

/// Whole batches of a transaction go by themselves, its `transactional_producer` says when the rest is to go; and the next one asks
/// a coordinator that is often not done yet, of which it should not wait long. Small records under way stay in the caches.
/// @param timeout of records, `message.timeout.ms`, which has to be longer than a record may linger; 0: none.
std::vector<client_property> transaction_defaults(int timeout) {
  const auto linger = timeout == 0 ? longest_linger : std::min(longest_linger, timeout / 2);
  return {
    {"linger.ms", std::to_string(linger), "Leat's own default"},
    {"sticky.partitioning.linger.ms", "0", "Leat's own default"}, // without keys, all partitions are written at once
    {"retry.backoff.ms", "5", "Leat's own default"},
    {"queue.buffering.max.messages", "40000", "Leat's own default"},
  };
}

} // namespace

/// What `open` finds out.
struct kafka_sink::opened {
  connector_context context;
  cluster_user user;
  std::optional<std::size_t> limit;
  std::size_t partitions = 1;
  bool creates_topics = false;
  std::vector<client_property> own;        // Leat's defaults for this sink
  std::vector<client_property> properties; // of a producer
  std::vector<client_property> for_transactions;
  std::shared_ptr<const format> encoding;

  [[nodiscard]] record_lineup::parts lineup(const kafka_sink& of, std::uint32_t instance) const;
};

kafka_sink::kafka_sink(
  kafka_sink_options options, const format& encoded_by, const schema& of, std::shared_ptr<const key_extractor> key)
  : options_{std::move(options)}, format_{encoded_by}, schema_{of}, key_{std::move(key)} {}

kafka_sink::~kafka_sink() = default;

void kafka_sink::open(const connector_context& context) {
  const kafka_deadline deadline{kafka_open_timeout, context.stop};
  auto now = std::make_unique<opened>();
  now->context = context;
  now->user = {context.step, kafka_brokers(*context.config)};
  const auto who = fmt::format("kafka sink {}", context.step);
  const kafka_client asking{client_role::consumer, client_properties(*context.config, client_role::consumer), who};
  now->partitions =
    static_cast<std::size_t>(partition_count(asking, options_.topic, topic_use::write, now->user, deadline));
  now->creates_topics = has_controller(asking, deadline);
  const auto limit = now->creates_topics ? topic_limit(asking, options_.topic, deadline) : std::nullopt;

  const auto largest_batch = std::min(usual_batch_size, limit.value_or(usual_batch_size));
  now->own = {
    {"client.id", context.job, "the job's name"},
    // A batch that is never larger than the topic's limit is refused only if its one record is: nothing else is lost with it.
    {"batch.size", std::to_string(largest_batch), "Leat's own default"},
  };
  now->properties = client_properties(*context.config, client_role::producer, now->own);
  const kafka_client trial{client_role::producer, now->properties, who}; // a bad property ends the job here, not later
  if (trial.property("compression.codec") == "none")
    now->limit = limit; // compressed, a larger record may fit: then the broker decides
  now->for_transactions = now->own;
  std::ranges::copy(
    transaction_defaults(std::stoi(trial.property("message.timeout.ms"))), std::back_inserter(now->for_transactions));
  now->encoding = format_.opened({format_use::way::writes, &now->context, options_.topic, &schema_});
  opened_ = std::move(now);
}

record_lineup::parts kafka_sink::opened::lineup(const kafka_sink& of, std::uint32_t instance) const {
  record_lineup::parts with;
  with.step = context.step;
  with.topic = of.options_.topic;
  with.encoding = encoding->make_encoder(of.schema_);
  with.key = of.key_;
  with.limit = limit;
  with.writes_letters = context.dead_letters;
  with.bytes_out = &context.metrics->get("bytes_out", context.step, instance);
  with.notes = context.metrics;
  return with;
}

std::unique_ptr<sink_writer> kafka_sink::make_writer(std::uint32_t instance, std::uint32_t, waker wake) {
  const auto& o = *opened_;
  auto producer = std::make_unique<record_producer>(
    o.properties, fmt::format("kafka sink {}/{}", o.context.step, instance), o.user, std::move(wake));
  return std::make_unique<kafka_sink_writer>(
    std::move(producer), options_.topic, o.lineup(*this, instance),
    dead_letter_options{o.context.job, o.creates_topics, o.context.dead_letters});
}

std::unique_ptr<transactional_writer>
kafka_sink::make_transactional_writer(std::uint32_t instance, std::uint32_t, waker wake) {
  const auto& o = *opened_;
  const auto& config = *o.context.config;
  shard_transactions::parts with; // but for what is each shard's own
  with.producer.properties = client_properties(config, client_role::producer, o.for_transactions);
  with.producer.reader_properties = client_properties(config, client_role::consumer);
  with.producer.topic = options_.topic;
  with.producer.partitions = o.partitions;
  with.producer.user = o.user;
  with.producer.who = fmt::format("kafka sink {}/{}", o.context.step, instance);
  with.producer.passes = options_.passes;
  with.step = o.context.step;
  with.writes_letters = o.context.dead_letters;
  with.duplicates_allowed = config.boolean("kafka.allow-duplicates");
  const auto prefix = fmt::format("{}.{}.", o.context.job, o.context.uid.empty() ? o.context.step : o.context.uid);
  auto committer = std::make_unique<epoch_committer>(
    instance,
    [with, prefix](std::uint32_t shard, outlet_link& link) {
      auto of = with;
      of.producer.id = prefix + std::to_string(shard);
      of.producer.stop = &link.stop;
      of.rejected = &link.rejected;
      return std::make_unique<shard_transactions>(std::move(of));
    },
    std::move(wake));
  return std::make_unique<kafka_transactional_writer>(
    o.lineup(*this, instance), std::move(committer),
    kafka_transactional_writer::parts{
      instance, options_.topic, config.bytes("kafka.epoch-memory"), o.context.dead_letters});
}

std::string kafka_sink::dead_letters_in() const { return fmt::format("topic \"{}\"", dead_letter_topic(options_.topic)); }

} // namespace leat
