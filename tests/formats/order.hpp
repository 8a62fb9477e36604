#pragma once

#include <leat/base/schema.hpp>
#include <leat/base/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace leat::testing {

enum class color : std::uint8_t { red, green = 7, dark_blue };
BOOST_DESCRIBE_ENUM(color, red, green, dark_blue)

struct item {
  std::string name;
  double price = 0;
  std::optional<color> paint;
  std::vector<std::string> tags;
  bool operator==(const item&) const = default;
};
BOOST_DESCRIBE_STRUCT(item, (), (name, price, paint, tags))

struct address {
  std::string street;
  std::optional<std::int32_t> number;
  bool operator==(const address&) const = default;
};
BOOST_DESCRIBE_STRUCT(address, (), (street, number))

struct event {
  std::int64_t id = 0;
  leat::timestamp at;
  bool operator==(const event&) const = default;
};
BOOST_DESCRIBE_STRUCT(event, (), (id, at))

/// A record with a field of every kind, in every nesting.
struct order : event {
  bool paid = false;
  std::int8_t small = 0;
  std::uint16_t medium = 0;
  std::uint64_t large = 0;
  float ratio = 0;
  color main_color = color::red;
  std::optional<std::string> note;
  std::optional<address> ship_to;
  std::optional<std::vector<std::int32_t>> points;
  std::vector<item> items;
  std::vector<std::optional<double>> readings;
  std::vector<std::vector<std::uint8_t>> matrix;
  bool operator==(const order&) const = default;
};
BOOST_DESCRIBE_STRUCT(
  order, (event), (paid, small, medium, large, ratio, main_color, note, ship_to, points, items, readings, matrix))

} // namespace leat::testing
