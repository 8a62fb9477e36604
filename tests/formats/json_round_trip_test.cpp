#include "json_fixture.hpp"
#include "random_orders.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <random>

using namespace leat;
using namespace leat::testing;

TEST_CASE("random records come back from JSON as they were, many at a call and into stale slots") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  random_orders random{seed};
  const auto encoder = json.make_encoder(schema_of<order>());
  const auto decoder = json.make_decoder(schema_of<order>());
  std::vector<order> read(300);
  for (int round = 0; round < 20; ++round) {
    std::vector<order> written;
    while (written.size() < read.size())
      written.push_back(random.record());
    encoded_records out;
    std::vector<rejection> rejected;
    encoder->encode(written.data(), sizeof(order), written.size(), out, rejected);
    std::vector<raw_record> raw(out.size());
    for (std::size_t i = 0; i < raw.size(); ++i)
      raw[i].payload = out[i];
    CHECK(decoder->decode(raw, read.data(), sizeof(order), rejected) == written.size());
    REQUIRE(rejected.empty());
    for (std::size_t i = 0; i < read.size(); ++i) {
      INFO(out[i]);
      REQUIRE(read[i] == written[i]);
      REQUIRE(real_bits(read[i]) == real_bits(written[i]));
    }
  }
}

TEST_CASE("random doubles are read like the C library reads them") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random{seed};
  const auto decoder = json.make_decoder(schema_of<item>());
  for (int i = 0; i < 20'000; ++i) {
    auto digits = std::to_string(random());
    digits.resize(1 + random() % digits.size());
    digits += "." + std::to_string(random() >> random() % 64);
    if (random() % 2 == 0)
      digits += "e" + std::to_string(static_cast<int>(random() % 640) - 330);
    const auto expected = std::strtod(digits.c_str(), nullptr);
    const auto read = decode_all<item>(*decoder, {R"({"name":"","tags":[],"price":)" + digits + "}"})[0];
    INFO(digits << " " << read.reason);
    REQUIRE(read.record.has_value() == std::isfinite(expected));
    if (read.record)
      REQUIRE(std::bit_cast<std::uint64_t>(read.record->price) == std::bit_cast<std::uint64_t>(expected));
  }
}
