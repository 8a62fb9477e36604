#include <leat/connectors/kafka/kafka_dead_letter_sink.hpp>

#include <leat/connectors/kafka/dead_letter_outbox.hpp>

#include <fmt/format.h>

namespace leat {

namespace {

class writer : public sink_writer {
public:
  writer(std::unique_ptr<record_producer> producer, dead_letter_options options)
    : producer_{std::move(producer)}, outbox_{*producer_, std::move(options)} {}

  std::size_t write(const batch_base& in, std::size_t from) override {
    producer_->poll();
    producer_->check();
    const auto letters = std::span{static_cast<const dead_letter*>(in.data()), in.size()}.subspan(from);
    std::size_t taken = 0;
    while (taken < letters.size() && !outbox_.full())
      outbox_.put(letters[taken++]);
    return taken;
  }

  std::uint64_t mark() override { return producer_->segments().mark(); }

  std::uint64_t delivered() override {
    producer_->poll();
    producer_->check();
    return producer_->segments().delivered();
  }

private:
  const std::unique_ptr<record_producer> producer_;
  dead_letter_outbox outbox_;
};

} // namespace

/// What `open` finds out.
struct kafka_dead_letter_sink::opened {
  connector_context context;
  cluster_user user;
  std::vector<client_property> properties;
  bool creates_topics = false;
};

kafka_dead_letter_sink::kafka_dead_letter_sink(std::string topic) : topic_{std::move(topic)} {}

kafka_dead_letter_sink::~kafka_dead_letter_sink() = default;

void kafka_dead_letter_sink::open(const connector_context& context) {
  const kafka_deadline deadline{kafka_open_timeout, context.stop};
  auto now = std::make_unique<opened>();
  now->context = context;
  now->user = {context.step, kafka_brokers(*context.config)};
  now->properties = client_properties(*context.config, client_role::producer);
  const kafka_client trial{client_role::producer, now->properties, fmt::format("dead letters {}", context.step)};
  check_reachable(trial, now->user, deadline);
  now->creates_topics = has_controller(trial, deadline);
  opened_ = std::move(now);
}

std::unique_ptr<sink_writer> kafka_dead_letter_sink::make_writer(std::uint32_t instance, std::uint32_t, waker wake) {
  const auto& o = *opened_;
  auto producer = std::make_unique<record_producer>(
    o.properties, fmt::format("dead letters {}/{}", o.context.step, instance), o.user, std::move(wake));
  return std::make_unique<writer>(std::move(producer), dead_letter_options{o.context.job, o.creates_topics, true});
}

std::string kafka_dead_letter_sink::dead_letters_in() const {
  return fmt::format("topic \"{}\"", dead_letter_topic(topic_));
}

} // namespace leat
