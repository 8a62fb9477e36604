#include <leat/messages/dead_letter.hpp>
#include <leat/messages/record_codec.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace leat;

namespace {

struct person {
  std::string name;
  std::vector<person> children;
};
BOOST_DESCRIBE_STRUCT(person, (), (name, children))

struct undescribed {
  int value = 0;
};

struct half_described {
  undescribed part;
};
BOOST_DESCRIBE_STRUCT(half_described, (), (part))

static_assert(encodable<std::int64_t> && encodable<std::string> && encodable<dead_letter> && encodable<person>);
static_assert(encodable<std::map<std::string, std::optional<std::vector<double>>>>);
static_assert(!encodable<undescribed> && !encodable<half_described> && !encodable<std::function<void()>>);
static_assert(!encodable<std::vector<undescribed>> && !encodable<std::optional<half_described>>);
static_assert(!encodable<std::pair<int, undescribed>> && !encodable<std::unique_ptr<undescribed>>);

} // namespace

TEST_CASE("a batch comes back from its bytes, from any record on") {
  const auto& codec = *record_kind_of<person>().codec;
  auto in = batch<person>::fresh();
  in->push(person{"a", {}}, from_millis(1));
  in->push(person{"b", {{"c", {}}}}, from_millis(-2));
  std::string bytes;
  byte_writer to{bytes};
  codec.encode(*in, 1, to);
  byte_reader from{bytes};
  const auto out = codec.decode(from);
  from.expect_end();
  REQUIRE(out->size() == 1);
  CHECK(batch<person>::of(*out).records()[0].children.at(0).name == "c");
  CHECK(out->timestamps()[0] == from_millis(-2));
}

TEST_CASE("records that cannot be written as bytes have a type and no codec") {
  const auto kind = record_kind_of<undescribed>();
  CHECK(kind.codec == nullptr);
  CHECK(kind.type == batch<undescribed>::type());
  CHECK(kind.type != record_kind_of<person>().type);
}
