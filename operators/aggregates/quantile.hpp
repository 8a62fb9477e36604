#pragma once

#include <leat/operators/aggregates.hpp>

#include <boost/container/flat_map.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

namespace leat {

/// Counts numbers in buckets that grow with them, so that a quantile is known to within one percent of its value: DDSketch
/// (Masson, Rim and Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", VLDB 2019).
///
/// Numbers from 1e-9 to 1e9 take at most about 2,100 buckets for each sign; what is nearer to zero counts as zero. Numbers
/// that are not finite are ignored.
class quantile_sketch {
public:
  static constexpr double accuracy = 0.01;

  void add(double x) {
    if (!std::isfinite(x))
      return;
    ++count_;
    if (std::abs(x) < least)
      ++zeros_;
    else
      ++(x > 0 ? positive_ : negative_)[bucket_of(std::abs(x))];
  }

  void merge(const quantile_sketch& other) {
    count_ += other.count_;
    zeros_ += other.zeros_;
    for (const auto& [bucket, n] : other.positive_)
      positive_[bucket] += n;
    for (const auto& [bucket, n] : other.negative_)
      negative_[bucket] += n;
  }

  /// The number below which a share `q` (0 to 1) of all numbers lies, as near as the buckets are; NaN when there is none.
  [[nodiscard]] double quantile(double q) const {
    if (count_ == 0)
      return std::nan("");
    auto rank = static_cast<std::int64_t>(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_ - 1));
    for (auto b = negative_.rbegin(); b != negative_.rend(); ++b)
      if ((rank -= b->second) < 0)
        return -middle_of(b->first);
    if ((rank -= zeros_) < 0)
      return 0;
    for (const auto& [bucket, n] : positive_)
      if ((rank -= n) < 0)
        return middle_of(bucket);
    return middle_of(positive_.rbegin()->first);
  }

  [[nodiscard]] std::int64_t count() const noexcept { return count_; }

private:
  static constexpr double least = 1e-9;
  static constexpr double growth = (1 + accuracy) / (1 - accuracy);

  // Bucket b holds the numbers in (growth^(b-1), growth^b].
  static std::int32_t bucket_of(double x) { return static_cast<std::int32_t>(std::ceil(std::log(x) / std::log(growth))); }
  static double middle_of(std::int32_t bucket) { return 2 * std::pow(growth, bucket) / (growth + 1); }

  std::int64_t count_ = 0;
  std::int64_t zeros_ = 0;
  boost::container::flat_map<std::int32_t, std::int64_t> positive_;
  boost::container::flat_map<std::int32_t, std::int64_t> negative_;
  BOOST_DESCRIBE_CLASS(quantile_sketch, (), (), (), (count_, zeros_, positive_, negative_))
};

/// A quantile of a number read from each record, to within one percent of its value.
template <class Get>
struct quantile_aggregate {
  double q;
  Get get;

  template <class T>
  using accumulator = quantile_sketch;

  template <class T>
  void add(quantile_sketch& s, const T& record) const {
    static_assert(
      std::is_arithmetic_v<detail::read_t<Get, T>>,
      "quantile() needs a number: a numeric member, or a function of the record that returns one");
    s.add(static_cast<double>(std::invoke(get, record)));
  }
  void merge(quantile_sketch& s, const quantile_sketch& other) const { s.merge(other); }
  [[nodiscard]] double result(const quantile_sketch& s) const { return s.quantile(q); }

  /// What is wrong with it, for a person; empty when it can be used.
  [[nodiscard]] std::string mistake() const {
    return q >= 0 && q <= 1 ? "" : "quantile(q, …) takes a share from 0 to 1, such as 0.99, not " + std::to_string(q);
  }
};

/// The number of `get` below which a share `q` of the records lies: `quantile(0.99, &request::millis)`. To within one percent.
template <class Get>
constexpr quantile_aggregate<Get> quantile(double q, Get get) {
  return {q, std::move(get)};
}

} // namespace leat
