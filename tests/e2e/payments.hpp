#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace leat::testing {

/// A transaction as a test sees it: nothing of Leat's.
struct payment {
  std::string id;
  std::string user;
  double amount = 0;
  std::int64_t time = 0; ///< event time, milliseconds since the epoch
  int partition = 0;
  std::string country = "NO";
};

/// How payments are made up.
struct traffic {
  std::uint64_t seed = 1;
  int count = 20'000;
  int users = 40;
  int partitions = 4;
  std::int64_t step = 20;       ///< ms of event time from one payment to the next
  std::int64_t disorder = 4900; ///< ms a payment may be behind; above 5000 some would be late
  int abroad = 0;               ///< one in so many is paid in another country; 0: none
};

/// The minute of event time that tests begin with: two hours before they were started.
std::int64_t first_minute();

/// Payments of the same seed are the same, but for the minute they begin with. Amounts are multiples of 0.25, so that
/// sums are exact in any order; one in twenty is not above zero.
std::vector<payment> make_payments(const traffic& wanted, std::int64_t begin = first_minute());

/// As the programs read it.
std::string json_of(const payment& p);

/// Totals of one user in one window, as the programs write it.
struct total_row {
  std::string user;
  std::int64_t start = 0, end = 0, transactions = 0;
  double total = 0, average = 0, smallest = 0, largest = 0;

  friend auto operator<=>(const total_row&, const total_row&) = default;
  friend bool operator==(const total_row&, const total_row&) = default;
};

/// What has to come out, by a plain loop over all payments: a row for each user and window that has any payment above
/// zero, sorted.
std::vector<total_row>
expected_totals(std::span<const payment> all, std::int64_t size = 60'000, std::int64_t slide = 60'000);

/// @throws std::runtime_error for anything but one row.
total_row parse_total(const std::string& json);

/// Sorted, each once.
template <class Row>
std::vector<Row> distinct(const std::vector<Row>& rows) {
  const std::set<Row> sorted{rows.begin(), rows.end()};
  return {sorted.begin(), sorted.end()};
}

/// For `difference`.
std::string described(const total_row& row);

} // namespace leat::testing
