#include <leat/bench/transactions.hpp>

#include <leat/connectors/kafka/kafka_admin.hpp>
#include <leat/connectors/kafka/simple_clients.hpp>

#include <fmt/compile.h>
#include <fmt/format.h>

#include <iterator>
#include <random>

namespace leat::bench {

void produce_transactions(const std::string& brokers, const std::string& topic, std::int64_t count) {
  kafka_admin{brokers}.create_topic({topic, transaction_partitions, 1, {}});
  kafka_feeder feeder{
    brokers, {{"linger.ms", "20"}, {"queue.buffering.max.messages", "500000"}, {"batch.size", "1000000"}}};
  std::mt19937_64 random{42};
  fmt::memory_buffer json;
  fmt::memory_buffer user;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto number = random() % 10'000;
    user.clear();
    json.clear();
    fmt::format_to(std::back_inserter(user), FMT_COMPILE("user-{:05}"), number);
    fmt::format_to(
      std::back_inserter(json),
      FMT_COMPILE(
        R"({{"transaction_id":"t-{:010}","user_id":"user-{:05}","amount":{}.{:02},"merchant":"merchant-{:04}","country":"DE","timestamp":{}}})"),
      i, number, random() % 500 + 1, random() % 100, random() % 5'000,
      first_event_time + i - static_cast<std::int64_t>(random() % 2'000));
    feeder.send(
      topic, std::string_view{user.data(), user.size()}, std::string_view{json.data(), json.size()},
      static_cast<std::int32_t>(number % transaction_partitions));
    if ((i + 1) % 1'000'000 == 0)
      fmt::print(stderr, "produced {} of {} records\n", i + 1, count);
  }
  feeder.flush(duration{120'000});
}

} // namespace leat::bench
