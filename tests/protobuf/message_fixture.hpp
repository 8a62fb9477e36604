#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/formats/format.hpp>

#include <shop.pb.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace leat::testing {

inline shop::Order some_order() {
  shop::Order o;
  o.set_id(7);
  o.set_customer_id("ada");
  o.mutable_at()->set_seconds(1'700'000'000);
  auto& item = *o.add_items();
  item.set_sku("pear");
  item.set_quantity(-2);
  item.set_price(1.5);
  (*o.mutable_stock())["pear"] = 3;
  o.set_status(shop::Order::PAID);
  o.set_card("visa");
  return o;
}

/// Orders that lean towards empty, many and large.
class random_messages {
public:
  explicit random_messages(std::uint64_t seed) : bits_{seed} {}

  shop::Order order() {
    shop::Order o;
    o.set_id(static_cast<std::int64_t>(coin() ? bits_() : bits_() % 3));
    o.set_customer_id(text());
    if (coin())
      o.mutable_at()->set_seconds(static_cast<std::int64_t>(bits_() % 1'000'000'000));
    for (auto n = bits_() % 4; n != 0; --n) {
      auto& item = *o.add_items();
      item.set_sku(text());
      item.set_quantity(static_cast<std::int32_t>(bits_()));
      item.set_price(static_cast<double>(static_cast<std::int32_t>(bits_())) / 100);
      o.add_points(static_cast<std::int32_t>(bits_()));
      (*o.mutable_stock())[text()] = static_cast<std::int64_t>(bits_());
    }
    if (coin())
      o.set_note(text());
    if (coin())
      o.set_voucher(bits_());
    o.set_picture(std::string(bits_() % 3, '\xff'));
    return o;
  }

private:
  bool coin() { return bits_() % 2 == 0; }
  std::string text() {
    static const char* const pieces[] = {"", "a", "é", "中", "\"", "\n", "0123456789012345678901234567890"};
    return pieces[bits_() % std::size(pieces)] + std::to_string(bits_() % 3);
  }

  std::mt19937_64 bits_;
};

/// A record in a format; or why it has no form.
template <class T>
std::string bytes_of(const format& as, const T& record) {
  encoded_records out;
  std::vector<rejection> rejected;
  as.make_encoder(schema_of<T>())->encode(&record, sizeof record, 1, out, rejected);
  return rejected.empty() ? out.bytes : "refused: " + rejected.front().reason;
}

/// Decodes into a slot that may hold a stale record. @returns why not; empty: done.
template <class T>
std::string read(decoder& by, std::string_view bytes, T& slot) {
  const raw_record raw{.key = {}, .payload = bytes};
  std::vector<rejection> rejected;
  const auto filled = by.decode({&raw, 1}, &slot, sizeof slot, rejected);
  return filled == 1 ? std::string{} : rejected.at(0).reason;
}

template <class T>
std::string read(const format& as, std::string_view bytes, T& slot) {
  return read(*as.make_decoder(schema_of<T>()), bytes, slot);
}

} // namespace leat::testing
