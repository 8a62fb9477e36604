#pragma once

#include "../support/wake_up.hpp"
#include "registry_fixture.hpp"

#include <leat/connectors/kafka/kafka_sink.hpp>
#include <leat/connectors/kafka/kafka_source.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace leat::testing {

/// What a job knows that has a registry and a broker.
inline void add_kafka(registry_job& to, const std::string& brokers) {
  to.set("kafka.brokers", brokers).set("kafka.group", "").set("kafka.start", "earliest");
  to.set("time.max-past", "36500d").set("time.max-future", "10min");
}

/// A source of one partition, read by hand.
template <class T>
class topic_reading {
public:
  topic_reading(const connector_context& context, const std::string& topic, const format& as)
    : source_{{{topic}, kafka_start::earliest()}, as, schema_of<T>(), nullptr} {
    source_.open(context);
    reader_ = source_.make_reader({topic, 0}, {}, wake_.as_waker());
  }

  /// Reads until so many records and dead letters have come, or nothing comes for ten seconds.
  void read(std::size_t count) {
    while (records.size() + letters.size() < count)
      if (read_once() != read_status::more && records.size() + letters.size() < count && !wake_.wait())
        return;
  }

  read_status read_once() {
    const auto in = batch<T>::fresh();
    const auto rejected = batch<dead_letter>::fresh();
    const auto status = reader_->read(*in, *rejected);
    records.insert(records.end(), in->records().begin(), in->records().end());
    letters.insert(letters.end(), rejected->records().begin(), rejected->records().end());
    return status;
  }

  [[nodiscard]] partition_reader& reader() const noexcept { return *reader_; }

  std::vector<T> records;
  std::vector<dead_letter> letters;

private:
  wake_up wake_;
  kafka_source source_;
  std::unique_ptr<partition_reader> reader_;
};

/// Writes records to a topic, and waits until they are there.
template <class T>
void write_topic(
  const connector_context& context, const std::string& topic, const format& as, const std::vector<T>& records) {
  wake_up wake;
  kafka_sink sink{{topic}, as, schema_of<T>(), nullptr};
  sink.open(context);
  const auto writer = sink.make_writer(0, 1, wake.as_waker());
  const auto out = batch<T>::fresh();
  for (const auto& r : records)
    out->push(r, timestamp{});
  if (writer->write(*out, 0) != records.size())
    throw std::runtime_error{"there is no room for a few records"};
  const auto segment = writer->mark();
  while (writer->delivered() < segment)
    if (!wake.wait())
      throw std::runtime_error{"records are not delivered within ten seconds"};
}

} // namespace leat::testing
