#pragma once

#include <leat/base/time.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace leat::testing {

struct order {
  std::string id;
  std::int64_t cents = 0;
  std::int64_t millis = 0;

  friend bool operator==(const order&, const order&) = default;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, cents, millis))

/// What was paid of an order.
struct payment {
  std::string order;
  std::int64_t cents = 0;
  std::int64_t millis = 0;

  friend bool operator==(const payment&, const payment&) = default;
};
BOOST_DESCRIBE_STRUCT(payment, (), (order, cents, millis))

/// A page that a user has seen.
struct visit {
  std::string user;
  std::int64_t page = 0;
  timestamp time{};
};
BOOST_DESCRIBE_STRUCT(visit, (), (user, page, time))

struct line {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(line, (), (text))

/// `from` and those that follow, `to` left out.
inline std::vector<std::int64_t> numbers(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> all;
  for (auto n = from; n < to; ++n)
    all.push_back(n);
  return all;
}

/// A number that is its own event time, in milliseconds.
inline timestamp as_time(const std::int64_t& n) { return from_millis(n); }

constexpr timestamp at(std::int64_t seconds) { return from_millis(seconds * 1'000); }

} // namespace leat::testing
