#include <leat/operators/aggregates/count_distinct.hpp>
#include <leat/operators/aggregates/picked_record.hpp>
#include <leat/operators/aggregates/quantile.hpp>
#include <leat/operators/aggregates/top.hpp>
#include <leat/tests/reference/parts.hpp>
#include <leat/tests/reference/window_models.hpp>

#include <algorithm>
#include <cmath>

namespace leat::reference {

namespace {

struct of_any_order {
  std::int64_t key, different;
  double mean;
  std::int64_t least;
  double quantile;
  std::vector<std::int64_t> greatest;
};
BOOST_DESCRIBE_STRUCT(of_any_order, (), (key, different, mean, least, quantile, greatest))

struct of_one_order {
  std::int64_t key, first, last, of_least, of_greatest;
  std::vector<std::int64_t> of_the_greatest;
};
BOOST_DESCRIBE_STRUCT(of_one_order, (), (key, first, last, of_least, of_greatest, of_the_greatest))

std::int64_t thousandths(double x) { return std::llround(x * 1'000); }
std::int64_t fifth(const fact& f) { return f.value % 5; }
std::int64_t seventh(const fact& f) { return f.value % 7; }

fact fact_of_any(const of_any_order& a) {
  auto all = a.greatest;
  all.insert(all.end(), {a.different, thousandths(a.mean), a.least, std::llround(a.quantile) + 100});
  return {a.key, ordered_digest(all)};
}

fact fact_of_one(const of_one_order& o) {
  auto all = o.of_the_greatest;
  all.insert(all.end(), {o.first, o.last, o.of_least, o.of_greatest});
  return {o.key, ordered_digest(all)};
}

/// The `n` greatest by `rank`, the older first of equals.
values greatest(values all, std::size_t n, std::int64_t (*rank)(std::int64_t)) {
  std::stable_sort(all.begin(), all.end(), [rank](auto a, auto b) { return rank(a) > rank(b); });
  all.resize(std::min(all.size(), n));
  return all;
}

std::int64_t itself(std::int64_t v) { return v; }
std::int64_t rest_of_seven(std::int64_t v) { return v % 7; }

values digest_of_any_order(const values& in, double q, std::size_t n) {
  std::set<std::int64_t> fifths;
  values sorted;
  double total = 0;
  for (const auto v : in) {
    fifths.insert(v % 5);
    sorted.push_back(apart(v));
    total += static_cast<double>(v);
  }
  std::sort(sorted.begin(), sorted.end());
  const auto rank = static_cast<std::size_t>(q * static_cast<double>(in.size() - 1));
  auto all = greatest(in, n, itself);
  all.insert(
    all.end(), {static_cast<std::int64_t>(fifths.size()), thousandths(total / static_cast<double>(in.size())),
                *std::min_element(in.begin(), in.end()), sorted[rank] + 100});
  return {ordered_digest(all)};
}

values digest_of_one_order(const values& in, std::size_t n) {
  auto all = greatest(in, n, rest_of_seven);
  const auto by_rest = [](auto a, auto b) { return rest_of_seven(a) < rest_of_seven(b); };
  all.insert(
    all.end(), {in.front(), in.back(), *std::min_element(in.begin(), in.end(), by_rest),
                *std::max_element(in.begin(), in.end(), by_rest)});
  return {ordered_digest(all)};
}

} // namespace

/// Those that depend on an order get it: of windows that share slices only side by side.
both further_aggregates(pipeline_builder& b, const both& from) {
  window_kind kind{.size = 5 + b.below(20), .slide = 3 + b.below(12)};
  const auto n = static_cast<std::size_t>(1 + b.below(4));
  if (!from.in_order() || b.coin()) {
    const auto q = static_cast<double>(b.below(5)) / 4;
    const auto real = by_key(from)
                        .window(sliding(duration{kind.size}, duration{kind.slide}))
                        .aggregate<of_any_order>(
                          key, count_distinct(fifth), avg(&fact::value), min_by(&fact::value, &fact::value),
                          quantile(q, [](const fact& f) { return apart(f.value); }), top(n, &fact::value, &fact::value));
    auto& model =
      b.add<window_model>({from}, kind, [q, n](const window_contents& w) { return digest_of_any_order(w.first, q, n); });
    return b.behind({from}, real.map(fact_of_any), model, "aggregates");
  }
  kind.slide = kind.size;
  const auto real = by_key(from)
                      .window(tumbling(duration{kind.size}))
                      .aggregate<of_one_order>(
                        key, first(&fact::value), last(&fact::value), min_by(seventh, &fact::value),
                        max_by(seventh, &fact::value), top(n, seventh, &fact::value));
  auto& model =
    b.add<window_model>({from}, kind, [n](const window_contents& w) { return digest_of_one_order(w.first, n); });
  return b.behind({from}, real.map(fact_of_one), model, "ordered aggregates");
}

} // namespace leat::reference
