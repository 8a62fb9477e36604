#pragma once

#include <leat/connectors/local.hpp>
#include <leat/leat.hpp>

#include <chrono>
#include <cstdint>
#include <string>

/// Thieves try a stolen card with a very small payment before a large one. A function with state and a timer finds cards on
/// which a large payment follows a small one within a minute.

struct payment {
  std::string card;
  double amount = 0;
  leat::timestamp at;
};
BOOST_DESCRIBE_STRUCT(payment, (), (card, amount, at))

struct suspicion {
  std::string card;
  double small = 0, large = 0;
};
BOOST_DESCRIBE_STRUCT(suspicion, (), (card, small, large))

class find_card_testing {
public:
  void open(leat::state_registry& states) { states.add("small", small_); }

  void process(const payment& p, leat::keyed_context<std::string>& card, leat::collector<suspicion>& out) {
    const auto* const small = small_.get();
    if (small && p.at < small->at + within && p.amount >= 500)
      out.push(suspicion{p.card, small->amount, p.amount});
    if (p.amount >= 1)
      return;
    if (small)
      card.delete_timer(small->at + within);
    small_.set(p);
    card.set_timer(p.at + within);
  }

  void on_timer(leat::timestamp, leat::keyed_context<std::string>&, leat::collector<suspicion>&) { small_.clear(); }

private:
  static constexpr std::chrono::minutes within{1};

  leat::value_state<payment> small_; // the last one, for a minute
};

/// The second `n` of 1970.
inline leat::timestamp second(std::int64_t n) { return leat::from_millis(n * 1'000); }

/// The whole pipeline, with payments that are made up.
inline leat::job card_testing() {
  using namespace leat;
  job payments{"card-testing"};
  payments
    .source(collection<payment>({
                                  {"4711", 0.5, second(0)},
                                  {"0815", 900, second(5)},
                                  {"4711", 700, second(59)},
                                  {"0815", 0.1, second(60)},
                                  {"4711", 800, second(61)}, // a minute is over
                                })
              .event_time(&payment::at))
    .named("payments")
    .key_by(&payment::card)
    .process<suspicion>(find_card_testing{})
    .named("find")
    .sink(to_console<suspicion>())
    .named("suspicions");
  return payments;
}
