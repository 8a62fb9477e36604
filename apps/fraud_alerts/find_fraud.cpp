#include <leat/apps/fraud_alerts/find_fraud.hpp>

#include <leat/apps/fraud_alerts/edge_counts.hpp>
#include <leat/apps/fraud_alerts/pair_finder.hpp>
#include <leat/apps/fraud_alerts/pair_rules.hpp>

#include <fmt/format.h>

#include <optional>

namespace leat::fraud {

namespace {

struct user_burst {
  std::string user_id;
  leat::timestamp window_start, window_end; // begins a slide before the window in question
  edge_counts transactions;
};
BOOST_DESCRIBE_STRUCT(user_burst, (), (user_id, window_start, window_end, transactions))

struct user_spending {
  std::string user_id;
  leat::timestamp window_start, window_end;
  double cents;
};
BOOST_DESCRIBE_STRUCT(user_spending, (), (user_id, window_start, window_end, cents))

stream<alert> find_large_amounts(const stream<transaction>& transactions, const large_amount_rule& rule) {
  return transactions.filter([limit = rule.limit](const transaction& t) { return t.amount > limit; })
    .map([limit = rule.limit](const transaction& t) {
      return alert{
        std::string{large_amount_name},
        t.user_id,
        t.transaction_id,
        {},
        {},
        t.amount,
        limit,
        fmt::format("{:.2f} at {}, {}, on {}", t.amount, t.merchant, t.country, format_timestamp(t.timestamp))};
    })
    .named("large-amount");
}

stream<alert> find_bursts(const stream<transaction>& transactions, const rate_rule& rule) {
  const auto in_window = [slide = rule.slide](const user_burst& b) {
    return b.transactions.without_oldest(cell_of(b.window_start, slide));
  };
  const auto a_slide_before = [slide = rule.slide](const user_burst& b) {
    return b.transactions.without_newest(cell_of(b.window_end, slide) - 1);
  };
  return transactions.key_by(&transaction::user_id)
    .window(sliding(rule.window + rule.slide, rule.slide))
    .aggregate<user_burst>(key, window_start, window_end, count_edges(rule.slide, &transaction::timestamp))
    .named("rate")
    .filter([=, limit = rule.limit](const user_burst& b) { return in_window(b) > limit && a_slide_before(b) <= limit; })
    .map([=](const user_burst& b) {
      const auto observed = in_window(b);
      return alert{
        std::string{rate_name},
        b.user_id,
        {},
        b.window_start + rule.slide,
        b.window_end,
        static_cast<double>(observed),
        static_cast<double>(rule.limit),
        fmt::format("{} transactions within {}", observed, format_duration(rule.window))};
    });
}

stream<alert> find_spending(const stream<transaction>& transactions, const spending_rule& rule) {
  return transactions.filter([](const transaction& t) { return t.amount > 0; })
    .key_by(&transaction::user_id)
    .window(tumbling(rule.window))
    .aggregate<user_spending>(key, window_start, window_end, sum([](const transaction& t) { return in_cents(t.amount); }))
    .named("spending")
    .filter([limit = in_cents(rule.limit)](const user_spending& s) { return s.cents > limit; })
    .map([rule](const user_spending& s) {
      return alert{
        std::string{spending_name},
        s.user_id,
        {},
        s.window_start,
        s.window_end,
        s.cents / 100,
        rule.limit,
        fmt::format("{:.2f} spent within {}", s.cents / 100, format_duration(rule.window))};
    });
}

template <class Rule>
stream<alert> find_pairs(const stream<transaction>& transactions, std::string_view name, const Rule& rule) {
  return transactions.filter([rule](const transaction& t) { return rule.concerns(t); })
    .key_by(&transaction::user_id)
    .template process<alert>(pair_finder{rule})
    .named(std::string{name});
}

} // namespace

stream<alert> find_fraud(const stream<transaction>& transactions, const rules& what) {
  std::optional<stream<alert>> found;
  const auto add = [&](const stream<alert>& more) { found = found ? found->merge(more) : more; };
  if (what.large_amount.enabled)
    add(find_large_amounts(transactions, what.large_amount));
  if (what.rate.enabled)
    add(find_bursts(transactions, what.rate));
  if (what.spending.enabled)
    add(find_spending(transactions, what.spending));
  if (what.country_change.enabled)
    add(find_pairs(transactions, country_change_name, country_change{what.country_change}));
  if (what.small_then_large.enabled)
    add(find_pairs(transactions, small_then_large_name, small_then_large{what.small_then_large}));
  if (!found)
    throw pipeline_error{"no rule is enabled, so there is nothing to look for"};
  return *found;
}

} // namespace leat::fraud
