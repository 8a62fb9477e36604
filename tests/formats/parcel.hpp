#pragma once

#include "order.hpp"

#include <leat/base/decimal.hpp>

namespace leat::testing {

/// A record with a field of every kind that Protobuf has a form for.
struct parcel : event {
  bool paid = false;
  std::int8_t small = 0;
  std::uint16_t medium = 0;
  std::uint64_t large = 0;
  std::int32_t plain = 0;
  float ratio = 0;
  double weight = 0;
  decimal price;
  std::string text;
  color main_color = color::red;
  std::optional<std::string> note;
  std::optional<std::int64_t> number;
  std::optional<address> ship_to;
  address from;
  std::vector<std::int32_t> points;
  std::vector<double> readings;
  std::vector<std::string> tags;
  std::vector<item> items;
  std::vector<timestamp> stops;
  std::vector<color> paints;
  bool operator==(const parcel&) const = default;
};
BOOST_DESCRIBE_STRUCT(
  parcel, (event),
  (paid, small, medium, large, plain, ratio, weight, price, text, main_color, note, number, ship_to, from, points, readings,
   tags, items, stops, paints))

} // namespace leat::testing
