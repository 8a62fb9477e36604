#include <leat/messages/delta.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <string>

using namespace leat;

namespace {

std::string to_text(delta_reader reader) {
  std::string text;
  while (const auto e = reader.next())
    text +=
      std::string{reader.states()[e->state]} + "/" + std::string{e->key} + "=" + std::string{e->value.value_or("-")} + " ";
  return text;
}

} // namespace

TEST_CASE("a delta with a shared value reads as one that was copied, and its bytes are the same") {
  for (const auto& value : {std::string{}, std::string{"v"}, std::string(100'000, 'x')}) {
    CAPTURE(value.size());
    delta_writer copies{"step", 3}, shares{"step", 3};
    for (auto* writer : {&copies, &shares}) {
      writer->remove("logs", "old");
      writer->put("marks", "", "");
    }
    copies.put("logs", "new", value);
    const auto copied = copies.take();
    const auto owned = std::make_shared<const std::string>(value);
    const auto shared = shares.take_with("logs", "new", owned);
    CHECK(shared.tail == owned);
    CHECK(shares.empty());
    CHECK(shared.size() == copied.size());
    CHECK(shared.bytes + *shared.tail == copied.bytes);
    CHECK(to_text(delta_reader{shared}) == "logs/old=- marks/= logs/new=" + value + " ");
    CHECK(to_text(delta_reader{copied}) == to_text(delta_reader{shared}));
  }
}

TEST_CASE("the delta after one with a shared value has nothing of it") {
  delta_writer writer{"step", 3};
  (void)writer.take_with("logs", "a", std::make_shared<const std::string>("1"));
  writer.put("logs", "b", "2");
  const auto next = writer.take();
  CHECK(next.tail == nullptr);
  CHECK(to_text(delta_reader{next}) == "logs/b=2 ");
}
