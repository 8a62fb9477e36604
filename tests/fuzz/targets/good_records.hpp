#pragma once

#include <leat/tests/formats/parcel.hpp>

#include <limits>

namespace leat::testing {

/// Records with a value in every field: what they leave in a slot must not show in the next record there.
inline order good_order() {
  order o;
  o.id = -7;
  o.at = from_millis(1'714'564'800'250);
  o.paid = true;
  o.small = -128;
  o.medium = 65'535;
  o.large = std::numeric_limits<std::int64_t>::max(); // Avro has no larger
  o.ratio = 0.1F;
  o.main_color = color::dark_blue;
  o.note = "a \"note\",\nof two lines";
  o.ship_to = address{"Rue de l’Étoile", 5};
  o.points = {1, -2, 3};
  o.items = {{"pen", 1.5, color::green, {"blue", ""}}, {}};
  o.readings = {1.5, {}, -0.0};
  o.matrix = {{1, 2}, {}, {255}};
  return o;
}

inline parcel good_parcel() {
  parcel p;
  p.id = 9;
  p.at = from_millis(-1);
  p.paid = true;
  p.small = 127;
  p.medium = 1;
  p.large = std::numeric_limits<std::uint64_t>::max();
  p.plain = -5;
  p.ratio = 2.5F;
  p.weight = 1e300;
  p.price = decimal{"12.50"};
  p.text = "text";
  p.main_color = color::green;
  p.note = "";
  p.number = 0;
  p.ship_to = address{"street", 1};
  p.from = {"other street", {}};
  p.points = {1, 2, 3};
  p.readings = {0.5};
  p.tags = {"a", ""};
  p.items = {{"pen", 1.5, color::red, {"x"}}};
  p.stops = {from_millis(0), from_millis(5)};
  p.paints = {color::red, color::dark_blue};
  return p;
}

} // namespace leat::testing
