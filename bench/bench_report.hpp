#pragma once

#include <optional>
#include <string>
#include <vector>

namespace leat::bench {

/// What a number is to be, or its ratio.
struct goal {
  double limit = 0;
  bool at_least = false; ///< false: at most
  bool of_ratio = false;
};
constexpr goal at_least(double limit) { return {limit, true}; }
constexpr goal at_most(double limit) { return {limit, false}; }
constexpr goal ratio_at_least(double limit) { return {limit, true, true}; }
constexpr goal ratio_at_most(double limit) { return {limit, false, true}; }

/// One measured number.
struct measurement {
  std::string metric; ///< "throughput"
  double value = 0;
  std::string unit{};            ///< "records/s"
  std::string baseline{};        ///< what `ratio` compares with; empty for a number that stands alone
  std::optional<double> ratio{}; ///< value / the baseline's value, both of this run
  std::optional<goal> aim{};     ///< printed beside the ratio

  /// Whether it is what it is to be; none without a goal.
  [[nodiscard]] std::optional<bool> met() const;
};

/// Collects the numbers of one benchmark, prints them as a table and writes them as JSON.
class bench_report {
public:
  explicit bench_report(std::string benchmark) : benchmark_{std::move(benchmark)} {}

  void add(measurement m) { rows_.push_back(std::move(m)); }

  /// The table, for a person, on standard output. A goal that was missed is said to be.
  void print() const;

  /// A list of `{benchmark, metric, value, unit, baseline, ratio, goal, met}`; absent ones are null.
  /// @throws std::runtime_error when the file cannot be written.
  void write_json(const std::string& file) const;

private:
  std::string benchmark_;
  std::vector<measurement> rows_;
};

/// The file behind `--json`, if the arguments name one; prints usage and exits with 2 for anything else.
/// @param only of benchmarks that can measure a part: where the text behind `--only` goes.
std::optional<std::string> json_file(int argc, char** argv, std::string* only = nullptr);

} // namespace leat::bench
