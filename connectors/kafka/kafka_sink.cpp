#include <leat/connectors/kafka/kafka_sink.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/kafka/kafka_sink_writer.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat {

namespace {

constexpr std::size_t usual_batch_size = 1'000'000; // bytes: librdkafka's default

} // namespace

/// What `open` finds out.
struct kafka_sink::opened {
  connector_context context;
  cluster_user user;
  std::optional<std::size_t> limit;
  bool creates_topics = false;
  std::vector<client_property> properties;
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
  partition_count(asking, options_.topic, topic_use::write, now->user, deadline);
  now->creates_topics = has_controller(asking, deadline);
  const auto limit = now->creates_topics ? topic_limit(asking, options_.topic, deadline) : std::nullopt;

  // A batch that is never larger than the topic's limit is refused only if its one record is: nothing else is lost with it.
  now->properties.push_back({"client.id", context.job, "the job's name"});
  now->properties.push_back(
    {"batch.size", std::to_string(std::min(usual_batch_size, limit.value_or(usual_batch_size))), "Leat's own default"});
  for (auto& p : client_properties(*context.config, client_role::producer))
    now->properties.push_back(std::move(p));
  const kafka_client trial{client_role::producer, now->properties, who}; // a bad property ends the job here, not later
  if (trial.property("compression.codec") == "none")
    now->limit = limit; // compressed, a larger record may fit: then the broker decides
  opened_ = std::move(now);
}

std::unique_ptr<sink_writer> kafka_sink::make_writer(std::uint32_t instance, std::uint32_t, waker wake) {
  const auto& o = *opened_;
  auto producer = std::make_unique<record_producer>(
    o.properties, fmt::format("kafka sink {}/{}", o.context.step, instance), o.user, std::move(wake));
  kafka_sink_writer::parts with;
  with.topic = options_.topic;
  with.encoding = format_.make_encoder(schema_);
  with.key = key_;
  with.limit = o.limit;
  with.letters = {o.context.job, o.creates_topics, o.context.dead_letters};
  with.bytes_out = &o.context.metrics->get("bytes_out", o.context.step, instance);
  with.notes = o.context.metrics;
  return std::make_unique<kafka_sink_writer>(std::move(producer), std::move(with));
}

std::string kafka_sink::dead_letters_in() const { return fmt::format("topic \"{}\"", dead_letter_topic(options_.topic)); }

} // namespace leat
