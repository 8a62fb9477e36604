#include <leat/persistence/delta_places.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <random>

using namespace leat;

TEST_CASE("the newest entry of a key is found, however many have come and gone") {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    delta_places places{seed % 2 == 0 ? 0 : 0xffff'fff0}; // or about to wrap
    struct entry {
      std::uint32_t hash, offset;
    };
    std::deque<entry> model;
    std::size_t hidden = 0;
    std::uint32_t next = 0;
    for (int step = 0; step < 3'000; ++step) {
      const auto what = random() % 100;
      if (what < 60) {
        const auto hash = static_cast<std::uint32_t>(random() % 20);
        places.add(hash, ++next, static_cast<std::uint16_t>(random() % 2), false);
        model.push_back({hash, next});
      } else if (what < 65 && !model.empty()) {
        const auto count = random() % (model.size() + 1);
        places.remove_oldest(count);
        model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(count));
        hidden -= std::min(hidden, count);
      } else if (what == 65) {
        hidden = std::max(hidden, random() % (model.size() + 1));
        places.hide_oldest(hidden);
      }
      REQUIRE(places.size() == model.size());
      const auto wanted = static_cast<std::uint32_t>(random() % 20);
      const auto parity = random() % 2;
      const auto* const found = places.find(wanted, [&](const delta_places::place& p, std::size_t index) {
        REQUIRE(model.at(index).offset == p.offset);
        return p.offset % 2 == parity;
      });
      const entry* expected = nullptr;
      for (std::size_t i = hidden; i < model.size(); ++i)
        if (model[i].hash == wanted && model[i].offset % 2 == parity)
          expected = &model[i];
      REQUIRE((found != nullptr) == (expected != nullptr));
      if (found)
        REQUIRE(found->offset == expected->offset);
    }
  }
}
