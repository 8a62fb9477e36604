#pragma once

#include <leat/apps/fraud_alerts/demo/fraud_plan.hpp>

#include <cstdint>
#include <optional>
#include <queue>
#include <random>
#include <unordered_map>
#include <vector>

namespace leat::fraud {

/// What traffic is made from; the same options make the same traffic.
struct traffic_options {
  std::uint64_t seed = 1;
  std::int64_t events = 0; ///< transactions; more when the frauds alone are more
  timestamp start;         ///< no event time is before it
  duration late{};         ///< how far out of order they may arrive
};

/// The start for traffic that ends about `end`, aligned such that windows cut it the same way on every day.
[[nodiscard]] timestamp aligned_start(const rules& what, std::int64_t events, timestamp end);

/// Card payments of many users: few pay often and most rarely (Zipf's law, exponent 3/4), amounts are log-normal, and known
/// frauds lie among them. Honest transactions stay within `shape_of(rules)`, so that every alert which is not one of the
/// frauds is a mistake: some users travel, but never faster than the rules allow. All arrive out of order, by at most `late`.
///
/// Lives on one thread.
class traffic {
public:
  traffic(const rules& what, const traffic_options& options);

  /// The next transaction in the order of arrival; false at the end.
  /// @param fraud the index in `frauds()` of the fraud it is part of, or none.
  [[nodiscard]] bool next(transaction& out, std::optional<std::size_t>& fraud);

  [[nodiscard]] const std::vector<injected_fraud>& frauds() const noexcept { return frauds_; }
  [[nodiscard]] const traffic_shape& shape() const noexcept { return shape_; }

private:
  struct fraud_step {
    transaction record;
    std::size_t fraud;
  };
  struct waiting {
    timestamp arrival;
    std::size_t slot;
    std::optional<std::size_t> fraud;
    bool operator>(const waiting& other) const noexcept { return arrival > other.arrival; }
  };
  struct payer {
    timestamp paid = min_timestamp; // last, without frauds
    const char* country = "";       // where it is
  };
  struct span_of_time {
    timestamp from, until;
  };

  void plan(const rules& what);
  void prepare_honest();
  void fill_honest(transaction& slot);
  [[nodiscard]] std::optional<timestamp> next_event_time() const;
  void depart();
  [[nodiscard]] std::size_t user_at(timestamp t);
  [[nodiscard]] bool may_pay(std::size_t user, timestamp t) const;
  std::size_t free_slot();

  const traffic_options options_;
  const traffic_shape shape_;
  std::mt19937_64 random_;
  std::vector<injected_fraud> frauds_;
  std::vector<fraud_step> fraud_steps_; // by event time
  std::size_t next_fraud_step_ = 0;
  std::unordered_map<std::size_t, span_of_time> quiet_; // of the victims
  std::vector<payer> payers_;                           // by user
  std::int64_t honest_left_ = 0;
  double mean_gap_ = 0; // milliseconds between honest transactions
  double honest_clock_ = 0;
  timestamp honest_time_;
  std::size_t honest_user_ = 0;
  std::int64_t departed_ = 0;
  std::vector<transaction> slots_; // of the transactions on their way
  std::vector<std::size_t> free_slots_;
  std::priority_queue<waiting, std::vector<waiting>, std::greater<>> under_way_;
};

} // namespace leat::fraud
