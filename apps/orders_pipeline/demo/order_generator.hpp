#pragma once

#include <leat/apps/orders_pipeline/records.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace leat::orders {

/// The ways in which a generated event is wrong, and what its dead letter says of it.
struct defect {
  std::string_view name;   ///< "no items"
  std::string_view reason; ///< is in the reason of the dead letter
};

/// All of them: half cannot be decoded, or are not what they claim to be; the others break a rule.
[[nodiscard]] const std::vector<defect>& defects();

/// What is to be generated. The same makes the same events.
struct generator_options {
  std::uint64_t seed = 1;
  std::uint64_t customers = 500;
  double invalid = 0.05;          ///< the share of events that are wrong
  leat::timestamp begin{};        ///< event time of the first
  leat::duration step{200};       ///< from one event to the next
  leat::duration disorder{4'000}; ///< how far an event may be behind its turn
};

/// An event of the topic `orders`.
struct generated_event {
  std::string key;                    ///< Kafka's: the customer
  std::optional<std::string> payload; ///< none: a tombstone
  std::optional<order_event> valid;   ///< what it means; none: it is wrong
  std::size_t wrong_by = 0;           ///< if so, index of the defect
};

/// Makes events of orders that are created, updated, and at times cancelled, in JSON as different producers write it. Not
/// thread-safe.
class order_generator {
public:
  explicit order_generator(generator_options options);

  [[nodiscard]] generated_event next();

private:
  [[nodiscard]] order_event make_event();
  [[nodiscard]] order_event make_order(leat::timestamp at);
  [[nodiscard]] order_event take_open();
  [[nodiscard]] std::uint64_t below(std::uint64_t end) { return random_() % end; }

  const generator_options options_;
  std::mt19937_64 random_; // its numbers are the same everywhere, unlike those of distributions
  std::uint64_t made_ = 0, orders_ = 0, invalid_ = 0;
  std::deque<order_event> open_; // orders that go on
};

} // namespace leat::orders
