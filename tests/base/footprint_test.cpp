#include <leat/base/footprint.hpp>

#include <catch2/catch.hpp>

#include <cstdint>

using namespace leat;

namespace {

struct line {
  std::string text;
  std::int32_t number = 0;
};
BOOST_DESCRIBE_STRUCT(line, (), (text, number))

struct page {
  std::vector<line> lines;
  std::optional<std::string> title;
  std::vector<double> widths;
};
BOOST_DESCRIBE_STRUCT(page, (), (lines, title, widths))

struct point {
  double x = 0, y = 0;
  std::optional<std::int32_t> label;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y, label))

} // namespace

TEST_CASE("what owns nothing weighs its own size, known when compiling") {
  static_assert(footprint(5) == sizeof(int));
  static_assert(footprint(2.5) == sizeof(double));
  static_assert(heap_footprint(true) == 0);
}

TEST_CASE("a text weighs what it holds, not what its buffer could hold") {
  std::string text(100, 'x');
  CHECK(heap_footprint(text) == 100);
  text.assign("ab");
  CHECK(heap_footprint(text) == 2);
}

TEST_CASE("a record weighs all that its members own, however deep") {
  page p;
  CHECK(footprint(p) == sizeof(page));
  p.lines = {{std::string(30, 'a'), 1}, {std::string(50, 'b'), 2}};
  CHECK(heap_footprint(p) == 2 * sizeof(line) + 80);
  p.title = "chapter";
  p.widths = {1, 2, 3};
  CHECK(heap_footprint(p) == 2 * sizeof(line) + 80 + 7 + 3 * sizeof(double));
}

TEST_CASE("only what owns nothing that grows has a fixed footprint, however deep it is looked for") {
  static_assert(has_fixed_footprint<int>() && has_fixed_footprint<std::optional<double>>() && has_fixed_footprint<point>());
  static_assert(!has_fixed_footprint<std::string>() && !has_fixed_footprint<std::optional<std::string>>());
  static_assert(!has_fixed_footprint<std::vector<double>>() && !has_fixed_footprint<page>());
}
