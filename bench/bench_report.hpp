#pragma once

#include <optional>
#include <string>
#include <vector>

namespace leat::bench {

/// One measured number.
struct measurement {
  std::string metric; ///< "throughput"
  double value = 0;
  std::string unit;            ///< "records/s"
  std::string baseline;        ///< what `ratio` compares with; empty for a number that stands alone
  std::optional<double> ratio; ///< value / the baseline's value, both of this run
  std::string goal;            ///< "at least 1.0": printed beside the ratio
};

/// Collects the numbers of one benchmark, prints them as a table and writes them as JSON.
class bench_report {
public:
  explicit bench_report(std::string benchmark) : benchmark_{std::move(benchmark)} {}

  void add(measurement m) { rows_.push_back(std::move(m)); }

  /// The table, for a person, on standard output.
  void print() const;

  /// A list of `{benchmark, metric, value, unit, baseline, ratio}`; absent ones are null.
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
