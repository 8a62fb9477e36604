#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/formats/json.hpp>
#include <leat/connectors/kafka/kafka_dead_letter_sink.hpp>
#include <leat/connectors/kafka/kafka_sink.hpp>
#include <leat/connectors/kafka/kafka_source.hpp>
#include <leat/connectors/kafka_key.hpp>
#include <leat/connectors/spec.hpp>
#include <leat/connectors/timed_spec.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

/// Kafka in the typed API: what `.source(…)` and `.sink(…)` take.
namespace leat::kafka {

/// Describes the reading of a topic as records of `T`; see `kafka::source`.
template <class T>
class source_spec : public timed_spec<source_spec<T>, T> {
public:
  source_spec(std::string topic, const format& decoded_by)
    : timed_spec<source_spec, T>{std::move(topic)}, format_{&decoded_by} {}

  /// Takes event times from the records instead of from Kafka.
  /// @param time_of a member of type `leat::timestamp`, or a function of the record that returns one.
  /// @param watermarks how far behind the newest record of its partition another may be and still count: `late_by(5s)`,
  /// `monotonous`, or `watermarks_by(…)` a strategy of one's own.
  template <class TimeOf>
  source_spec event_time(TimeOf time_of, const watermark_rule& watermarks) const {
    return timed_spec<source_spec, T>::event_time(std::move(time_of), watermarks);
  }

  /// Keeps Kafka's timestamps as event times. @param watermarks as above.
  source_spec kafka_time(const watermark_rule& watermarks) const {
    auto changed = *this;
    changed.times_ = nullptr;
    changed.watermarks_ = watermarks;
    return changed;
  }

  /// Where to begin, whatever the setting `kafka.start` says.
  source_spec start_at(kafka_start where) const {
    auto changed = *this;
    changed.start_ = where;
    return changed;
  }

  /// Keeps offsets in a consumer group of its own, whatever the setting `kafka.group` says: what a second source of one
  /// topic in one job needs.
  source_spec group(const std::string& name) const {
    auto changed = *this;
    changed.group_ = name;
    return changed;
  }

  // What `.source(…)` asks:
  [[nodiscard]] std::shared_ptr<leat::source> make_source() const {
    return std::make_shared<kafka_source>(
      kafka_source_options{{this->name_}, start_, group_}, *format_, schema_of<T>(), this->times_);
  }
  [[nodiscard]] std::shared_ptr<leat::sink> make_dead_letters() const {
    return std::make_shared<kafka_dead_letter_sink>(this->name_);
  }

private:
  const format* format_;
  std::optional<kafka_start> start_;
  std::string group_; // empty: the setting's
};

/// Describes the writing of records of `T` to a topic; see `kafka::sink`.
template <class T>
class sink_spec {
public:
  using record = T;

  sink_spec(std::string topic, const format& encoded_by) : topic_{std::move(topic)}, format_{&encoded_by} {}

  /// Gives each record a Kafka key, and so a partition: a member or a function of the record. Integers and timestamps are
  /// written as decimal text.
  template <class KeyOf>
  sink_spec key(KeyOf key_of) const {
    auto changed = *this;
    changed.key_ = std::make_shared<typed_key<T, KeyOf>>(std::move(key_of));
    return changed;
  }

  /// Each record is committed once, also after a failure.
  sink_spec exactly_once(bool wanted = true) const {
    auto changed = *this;
    changed.guarantee_ = wanted ? delivery::exactly_once : delivery::at_least_once;
    return changed;
  }

  /// Names the step, which is otherwise named after its topic.
  sink_spec named(const std::string& name) const {
    auto changed = *this;
    changed.name_ = name;
    return changed;
  }

  // What `.sink(…)` asks:
  [[nodiscard]] std::string name() const { return name_.empty() ? topic_ : name_; }
  [[nodiscard]] delivery guarantee() const { return guarantee_; }
  [[nodiscard]] std::shared_ptr<leat::sink> make_sink() const {
    return std::make_shared<kafka_sink>(kafka_sink_options{topic_}, *format_, schema_of<T>(), key_);
  }

private:
  std::string topic_;
  const format* format_;
  std::string name_;                         // empty: the topic's
  std::shared_ptr<const key_extractor> key_; // null: no keys
  delivery guarantee_ = delivery::at_least_once;
};

/// Reads `topic` as records of `T` in a format such as `json`. What cannot be decoded goes to `<topic>-dlq`.
template <class T>
source_spec<T> source(std::string topic, const format& decoded_by) {
  return {std::move(topic), decoded_by};
}

/// Writes records of `T` to `topic` in a format such as `json`.
template <class T>
sink_spec<T> sink(std::string topic, const format& encoded_by) {
  return {std::move(topic), encoded_by};
}

} // namespace leat::kafka
