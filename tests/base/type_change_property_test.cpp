#include <leat/base/encoded/encoded_text.hpp>
#include <leat/base/encoded/encoded_value.hpp>
#include <leat/base/encoded/type_change.hpp>
#include <leat/tests/base/random_types.hpp>

#include <catch2/catch.hpp>

#include <rapidcheck.h>

#include <memory>
#include <string>
#include <utility>

using namespace leat;
using namespace leat::testing;

namespace {

struct random_change {
  explicit random_change(bool changes) : types{any_type(changes)} { RC_ASSERT(change.refused().empty()); }

  random_type types;
  std::shared_ptr<const encoded_type> stored = parse_encoded_type(types.stored);
  std::shared_ptr<const encoded_type> wanted = parse_encoded_type(types.wanted);
  type_change change{*stored, *wanted};
};

std::string converted(const type_change& change, const std::string& bytes) {
  std::string made;
  byte_reader from{bytes};
  byte_writer to{made};
  change.convert(from, to);
  from.expect_end();
  return made;
}

/// Whether damaged bytes are read or refused; anything else ends the test.
template <class Read>
bool survives(Read&& read) {
  try {
    read();
  } catch (const state_error&) {
  }
  return true;
}

} // namespace

TEST_CASE("any allowed change of any type makes of any value what it should") {
  CHECK(rc::check([] {
    const random_change c{true};
    for (int i = 0; i < 5; ++i) {
      const auto [stored, wanted] = c.types.value();
      RC_ASSERT(converted(c.change, stored) == wanted);
      if (c.change.same_bytes())
        RC_ASSERT(stored == wanted);
    }
  }));
}

TEST_CASE("any type is the same as itself, also as that of a key") {
  CHECK(rc::check([] {
    const random_change c{false};
    RC_ASSERT(c.change.same_bytes());
    RC_ASSERT(c.change.converted().empty());
    RC_ASSERT((type_change{*c.stored, *c.wanted, type_change::changing::key}.same_bytes()));
    const auto bytes = c.types.value().first;
    RC_ASSERT(converted(c.change, bytes) == bytes);
  }));
}

TEST_CASE("what any type begins as is a value of it") {
  CHECK(rc::check([] {
    const random_change c{true};
    std::string bytes;
    byte_writer to{bytes};
    write_default(*c.wanted, to);
    RC_ASSERT(bytes == c.types.begins_as);
    byte_reader from{bytes};
    read_past(*c.wanted, from);
    RC_ASSERT(from.empty());
  }));
}

TEST_CASE("a change of a part that is refused refuses the whole, wherever it lies") {
  CHECK(rc::check([] {
    const auto [was, is] = *rc::gen::element(
      std::pair{"text", "float64"}, std::pair{"int64", "int32"}, std::pair{"uint8", "int16"},
      std::pair{"float64", "float32"}, std::pair{"set<int8>", "set<int16>"},
      std::pair{"map<int8, text>", "map<int16, text>"}, std::pair{"timestamp", "int64"},
      std::pair{"optional<text>", "text"}, std::pair{"text", "expiring<text>"}, std::pair{"(text)", "(text, text)"});
    const auto around = *rc::gen::element(
      "[%]", "optional<%>", "map<text, %>", "({x: %}, int8)", "variant<text, %>", "expiring<%>", "{y: int8, x: [{z: %}]}");
    const auto in = [&](std::string type) { return std::string{around}.replace(std::string{around}.find('%'), 1, type); };
    const auto stored = parse_encoded_type(in(was)), wanted = parse_encoded_type(in(is));
    const type_change change{*stored, *wanted};
    RC_ASSERT(change.refused().size() == 1U);
    RC_ASSERT(!change.same_bytes());
  }));
}

TEST_CASE("damaged values of any type are read or refused") {
  CHECK(rc::check([] {
    const random_change c{true};
    auto bytes = c.types.value().first;
    for (auto left = any_number(3); left != 0 && !bytes.empty(); --left)
      bytes[static_cast<std::size_t>(any_number(static_cast<int>(bytes.size()) - 1))] = static_cast<char>(any_number(255));
    if (any_number(3) == 0)
      bytes = *rc::gen::arbitrary<std::string>();
    RC_ASSERT(survives([&] { (void)converted(c.change, bytes); }));
    RC_ASSERT(survives([&] { (void)value_text(c.stored.get(), bytes); }));
  }));
}

TEST_CASE("what is made of damaged values is a value of the wanted type") {
  CHECK(rc::check([] {
    const random_change c{true};
    const auto bytes = *rc::gen::container<std::string>(rc::gen::inRange('\0', '\4'));
    std::string made;
    if (!survives([&] { made = converted(c.change, bytes); }) || made.empty())
      return;
    byte_reader from{made};
    read_past(*c.wanted, from);
    RC_ASSERT(from.empty());
  }));
}

TEST_CASE("damaged texts of any type are read or refused") {
  CHECK(rc::check([] {
    auto text = any_type(false).stored;
    for (auto left = 1 + any_number(3); left != 0; --left)
      text[static_cast<std::size_t>(any_number(static_cast<int>(text.size()) - 1))] =
        *rc::gen::element('<', '>', '{', '}', '[', ']', '(', ')', '^', '2', '1', 'a', ' ', ',', ':', '"', '\\', '=', '\0');
    RC_ASSERT(survives([&] {
      const auto type = parse_encoded_type(text);
      RC_ASSERT(type_text(*parse_encoded_type(type_text(*type))) == type_text(*type));
      std::string bytes;
      byte_writer to{bytes};
      write_default(*type, to);
    }));
  }));
}
