#pragma once

#include <leat/apps/fraud_alerts/pair_finder.hpp>
#include <leat/apps/fraud_alerts/pair_rules.hpp>
#include <leat/tests/support/step_fixture.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace leat::fraud {

/// "t2: DE, then FR after 10.0 s".
inline std::string to_text(const alert& a) { return a.transaction_id.value_or("-") + ": " + a.detail; }

} // namespace leat::fraud

namespace leat::testing {

/// A transaction of ann, `millis` after the beginning.
inline fraud::transaction paid(std::string id, std::int64_t millis, std::string country, double amount) {
  return {std::move(id), "ann", amount, "Corner Bakery", std::move(country), from_millis(millis)};
}

/// The step of a rule about pairs. Times are in milliseconds.
template <class Rule>
class pair_fixture {
public:
  explicit pair_fixture(Rule rule) : rule_{rule} {
    steps_.add("pairs", [rule](step_context context) {
      using key_of = std::string fraud::transaction::*;
      return std::make_unique<keyed_process_step<fraud::transaction, std::string, key_of, fraud::alert, finder>>(
        std::move(context), &fraud::transaction::user_id, finder{rule});
    });
  }

  void arrive(const std::vector<fraud::transaction>& all) {
    for (const auto& t : all) {
      if (!rule_.concerns(t))
        continue;
      auto in = batch<fraud::transaction>::fresh();
      in->push(t, t.timestamp, key_hash(t.user_id));
      steps_.give(std::move(in));
    }
  }

  void watermark(std::int64_t millis) { steps_.give(testing::watermark(millis)); }
  void end() { steps_.give(signal::watermark(max_timestamp)); }
  void barrier(std::int64_t millis) { steps_.give(signal::barrier(1, from_millis(millis))); }

  /// The alerts and signals that have come out since the last call.
  story said() { return std::exchange(steps_.out.told, {}); }

  /// The same without the signals.
  story alerts() {
    auto all = said();
    std::erase_if(all, [](const std::string& s) { return s.find(": ") == std::string::npos; });
    return all;
  }

  [[nodiscard]] std::int64_t counted(std::string_view metric) const { return steps_.registry.sum(metric, "pairs"); }

private:
  using finder = fraud::pair_finder<Rule>;

  const Rule rule_;
  step_fixture<fraud::alert> steps_;
};

} // namespace leat::testing
