#include <leat/base/error.hpp>
#include <leat/base/schema.hpp>
#include <leat/base/time.hpp>

#include <catch2/catch.hpp>

#include <limits>

using namespace leat;

namespace shop {

enum class color : std::int16_t { red = -3, green = 5, verde = 5 };
BOOST_DESCRIBE_ENUM(color, red, green, verde)

enum class flavour : unsigned char { sweet = 200 };
BOOST_DESCRIBE_ENUM(flavour, sweet)

struct base_event {
  std::int64_t id = 0;
  leat::timestamp at;
};
BOOST_DESCRIBE_STRUCT(base_event, (), (id, at))

struct price {
  double amount = 0;
  std::string currency;
};
BOOST_DESCRIBE_STRUCT(price, (), (amount, currency))

struct sale : base_event {
  bool paid = false;
  color paint = color::red;
  flavour taste = flavour::sweet;
  price total;
  std::optional<price> discount;
  std::vector<std::string> tags;
  char padding_that_is_not_described[13] = {};
  float ratio = 0;
};
BOOST_DESCRIBE_STRUCT(sale, (base_event), (paid, paint, taste, total, discount, tags, ratio))

struct integers {
  signed char a = 0;
  unsigned char b = 0;
  short c = 0;
  unsigned short d = 0;
  int e = 0;
  unsigned f = 0;
  long g = 0;
  unsigned long h = 0;
  long long i = 0;
  unsigned long long j = 0;
};
BOOST_DESCRIBE_STRUCT(integers, (), (a, b, c, d, e, f, g, h, i, j))

} // namespace shop

namespace {

const field& sale_field(std::string_view name) {
  const auto* const found = schema_of<shop::sale>().find(name);
  REQUIRE(found != nullptr);
  return *found;
}

struct unnamed {
  int n = 0;
};
BOOST_DESCRIBE_STRUCT(unnamed, (), (n))

} // namespace

TEST_CASE("a schema has the fields in the order of their description, those of base classes first") {
  std::vector<std::string> names;
  for (const auto& f : schema_of<shop::sale>().fields())
    names.push_back(f.name);
  CHECK(names == std::vector<std::string>{"id", "at", "paid", "paint", "taste", "total", "discount", "tags", "ratio"});
  CHECK(schema_of<shop::sale>().size() == sizeof(shop::sale));
  CHECK(schema_of<shop::sale>().find("padding_that_is_not_described") == nullptr);
}

TEST_CASE("a schema is built once, and bears the type's name without what nobody could write") {
  CHECK(&schema_of<shop::sale>() == &schema_of<shop::sale>());
  CHECK(schema_of<shop::sale>().name() == "shop::sale");
  CHECK(schema_of<unnamed>().name() == "unnamed");
  CHECK(schema_detail::type_name("auto f() [with T = x::y; Z = int]") == "x::y");
  CHECK(schema_detail::type_name("auto f() [T = (anonymous namespace)::y]") == "y");
}

TEST_CASE("a field leads to its member of any record") {
  shop::sale s;
  CHECK(sale_field("id").in(&s) == &s.id);
  CHECK(sale_field("paid").in(&s) == &s.paid);
  CHECK(sale_field("tags").in(&s) == &s.tags);
  CHECK(sale_field("ratio").in(&s) == &s.ratio);
}

TEST_CASE("every kind of member has its kind of field") {
  CHECK(sale_field("at").type->kind == field_kind::timestamp_millis);
  CHECK(sale_field("paid").type->kind == field_kind::boolean);
  CHECK(sale_field("paint").type->kind == field_kind::enumeration);
  CHECK(sale_field("total").type->kind == field_kind::record);
  CHECK(sale_field("total").type->record == &schema_of<shop::price>());
  CHECK(sale_field("discount").type->kind == field_kind::optional);
  CHECK(sale_field("discount").type->element->record == &schema_of<shop::price>());
  CHECK(sale_field("tags").type->kind == field_kind::list);
  CHECK(sale_field("tags").type->element->kind == field_kind::string);
  CHECK(sale_field("ratio").type->kind == field_kind::float32);
}

TEST_CASE("integers are known by size and sign, however C++ spells them") {
  std::vector<std::string_view> kinds;
  for (const auto& f : schema_of<shop::integers>().fields())
    kinds.push_back(to_string(f.type->kind));
  CHECK(
    kinds == std::vector<std::string_view>{
               "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "int64", "uint64"});
}

TEST_CASE("integers of every kind are loaded and stored at both ends of their range, and nothing beside them") {
  for (const auto& f : schema_of<shop::integers>().fields())
    for (const auto value :
         {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), std::int64_t{-1},
          std::int64_t{0}, std::int64_t{200}}) {
      std::string bytes(10, 'x');
      store_integer(f.type->kind, &bytes[1], value);
      CHECK(bytes.front() == 'x');
      CHECK(bytes.substr(1 + f.type->size) == std::string(9 - f.type->size, 'x'));
      const auto unused = 64 - 8 * f.type->size;
      const auto top = static_cast<std::uint64_t>(value) << unused;
      const bool is_signed = f.type->kind < field_kind::uint8;
      CHECK(
        load_integer(f.type->kind, &bytes[1]) ==
        (is_signed ? static_cast<std::int64_t>(top) >> unused : static_cast<std::int64_t>(top >> unused)));
    }
}

TEST_CASE("an enum has names for its values and values for its names") {
  const auto& paint = *sale_field("paint").type;
  CHECK(paint.element->kind == field_kind::int16);
  CHECK(paint.enumeration->find("green")->value == 5);
  CHECK(paint.enumeration->find("pink") == nullptr);
  CHECK(paint.enumeration->find(-3)->name == "red");
  CHECK(paint.enumeration->find(5)->name == "green"); // the first of two
  CHECK(paint.enumeration->find(4) == nullptr);
  CHECK(sale_field("taste").type->element->kind == field_kind::uint8);
  CHECK(sale_field("taste").type->enumeration->find(200)->name == "sweet");
}

TEST_CASE("an optional is filled and emptied through its table, keeping a present value") {
  shop::sale s;
  const auto& f = sale_field("discount");
  const auto& access = *f.type->optional;
  CHECK(access.get(*f.type, f.in(&s)) == nullptr);
  static_cast<shop::price*>(access.emplace(*f.type, f.in(&s)))->currency = "EUR";
  CHECK(s.discount.value().currency == "EUR");
  CHECK(access.emplace(*f.type, f.in(&s)) == &*s.discount);
  CHECK(s.discount.value().currency == "EUR");
  CHECK(access.get(*f.type, f.in(&s)) == &*s.discount);
  access.reset(*f.type, f.in(&s));
  CHECK_FALSE(s.discount.has_value());
}

TEST_CASE("a list grows, shrinks and is reached through its table") {
  shop::sale s;
  const auto& f = sale_field("tags");
  const auto& access = *f.type->list;
  access.resize(*f.type, f.in(&s), 3);
  auto* const first = static_cast<char*>(access.data(*f.type, f.in(&s)));
  *reinterpret_cast<std::string*>(first + 2 * f.type->element->size) = "third";
  CHECK(s.tags == std::vector<std::string>{"", "", "third"});
  access.resize(*f.type, f.in(&s), 2);
  CHECK(access.size(*f.type, f.in(&s)) == 2);
}

TEST_CASE("a schema of rows known only at run time is built by hand") {
  const schema row{"row", 24, {{"id", 0, &field_type_of<std::int64_t>()}, {"x", 16, &field_type_of<double>()}}};
  alignas(8) char bytes[24] = {};
  store_integer(row.fields()[0].type->kind, row.fields()[0].in(bytes), 7);
  CHECK(load_integer(field_kind::int64, bytes) == 7);
  CHECK(row.find("x")->offset == 16);
}

TEST_CASE("a schema with two fields of one name, or a field outside of the record, is refused") {
  const auto& number = field_type_of<std::int64_t>();
  CHECK_THROWS_WITH(
    (schema{"row", 16, {{"a", 0, &number}, {"a", 8, &number}}}), "record `row` has two fields named `a`: rename one");
  CHECK_THROWS_WITH(
    (schema{"row", 16, {{"a", 12, &number}}}),
    "field `a` of record `row` needs 8 bytes at offset 12, but the record has only 16");
}

TEST_CASE("a record that contains itself is known before a schema is built") {
  CHECK(schema_detail::is_finite<shop::sale>());
  CHECK(schema_detail::is_finite<std::vector<std::optional<shop::sale>>>());
  CHECK_FALSE(schema_detail::is_finite<shop::price, shop::price>());
  CHECK_FALSE(schema_detail::is_finite<std::vector<shop::price>, shop::sale, shop::price>());
}
