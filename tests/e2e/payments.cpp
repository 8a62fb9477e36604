#include "payments.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <chrono>
#include <map>
#include <random>
#include <stdexcept>

namespace leat::testing {

std::int64_t first_minute() {
  static const auto begin = [] {
    const auto now = std::chrono::system_clock::now() - std::chrono::hours{2};
    return std::chrono::duration_cast<std::chrono::minutes>(now.time_since_epoch()).count() * 60'000;
  }();
  return begin;
}

std::vector<payment> make_payments(const traffic& wanted, std::int64_t begin) {
  std::mt19937_64 random{wanted.seed};
  const auto below = [&](std::int64_t n) { return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n)); };
  std::vector<payment> all;
  for (int i = 0; i < wanted.count; ++i) {
    payment p;
    p.id = fmt::format("t{}", i);
    p.user = fmt::format("user-{}", below(wanted.users));
    p.amount = static_cast<double>(below(20) == 0 ? -below(4) : 1 + below(4000)) / 4;
    p.time = begin + wanted.disorder + i * wanted.step - below(wanted.disorder + 1);
    p.partition = static_cast<int>(below(wanted.partitions));
    if (wanted.abroad > 0 && below(wanted.abroad) == 0)
      p.country = "SE";
    all.push_back(std::move(p));
  }
  return all;
}

std::string json_of(const payment& p) {
  return fmt::format(
    R"({{"transaction_id":"{}","user_id":"{}","amount":{},"merchant":"shop","country":"{}","timestamp":{}}})", p.id, p.user,
    p.amount, p.country, p.time);
}

std::vector<total_row> expected_totals(std::span<const payment> all, std::int64_t size, std::int64_t slide) {
  std::map<std::pair<std::string, std::int64_t>, total_row> rows;
  for (const auto& p : all) {
    if (p.amount <= 0)
      continue;
    for (auto start = p.time - p.time % slide; start > p.time - size; start -= slide) {
      auto& row = rows[{p.user, start}];
      row.smallest = row.transactions == 0 ? p.amount : std::min(row.smallest, p.amount);
      row.largest = row.transactions == 0 ? p.amount : std::max(row.largest, p.amount);
      row.user = p.user;
      row.start = start;
      row.end = start + size;
      ++row.transactions;
      row.total += p.amount;
      row.average = row.total / static_cast<double>(row.transactions);
    }
  }
  std::vector<total_row> sorted;
  for (auto& [at, row] : rows)
    sorted.push_back(std::move(row));
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

total_row parse_total(const std::string& json) {
  static simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json).get(object) != simdjson::SUCCESS || object.size() != 8)
    throw std::runtime_error{"this is no row of totals: " + json};
  total_row row;
  row.user = std::string{std::string_view{object["user_id"]}};
  row.start = object["window_start"];
  row.end = object["window_end"];
  row.transactions = object["transactions"];
  row.total = object["total"];
  row.average = object["average"];
  row.smallest = object["smallest"];
  row.largest = object["largest"];
  return row;
}

std::string described(const total_row& r) {
  return fmt::format(
    "{} [{}, {}): {} payments, total {}, average {}, {} to {}", r.user, r.start, r.end, r.transactions, r.total, r.average,
    r.smallest, r.largest);
}

} // namespace leat::testing
