#include <leat/connectors/formats/avro/avro_default.hpp>

#include <leat/base/error.hpp>
#include <leat/base/excerpt.hpp>
#include <leat/connectors/formats/avro/avro_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace leat {
namespace {

using simdjson::dom::element;

/// Bytes in JSON are text whose characters stand for one byte each.
std::optional<std::string> bytes_of(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      bytes.push_back(text[i]);
    } else if ((c == 0xc2 || c == 0xc3) && i + 1 < text.size()) {
      bytes.push_back(static_cast<char>(((c & 3) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3f)));
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

class default_encoder {
public:
  default_encoder(std::string& to, std::string_view where) : to_{to}, where_{where} {}

  void put(const avro_type& t, element e) {
    switch (t.kind) {
    case avro_kind::null:
      return demand(e.is_null(), t, e);
    case avro_kind::boolean:
      return to_.push_back(get<bool>(t, e) ? '\1' : '\0');
    case avro_kind::int32: {
      const auto n = get<std::int64_t>(t, e);
      demand(n == static_cast<std::int32_t>(n), t, e);
      return wire::put_folded(to_, n);
    }
    case avro_kind::int64:
      return wire::put_folded(to_, get<std::int64_t>(t, e));
    case avro_kind::float32:
      return wire::put_raw(to_, static_cast<float>(get<double>(t, e)));
    case avro_kind::float64:
      return wire::put_raw(to_, get<double>(t, e));
    case avro_kind::string:
      return put_avro_text(to_, get<std::string_view>(t, e));
    case avro_kind::bytes:
    case avro_kind::fixed:
      return put_bytes(t, e);
    case avro_kind::enumeration:
      return put_symbol(t, e);
    case avro_kind::array:
      return put_array(t, e);
    case avro_kind::map:
      return put_map(t, e);
    case avro_kind::record:
      return put_record(t, e);
    case avro_kind::either: // a default is one of the first branch
      wire::put_folded(to_, 0);
      return put(*t.parts.front(), e);
    }
  }

private:
  template <class T>
  T get(const avro_type& t, element e) const {
    T value{};
    demand(e.get(value) == simdjson::SUCCESS, t, e);
    return value;
  }

  void demand(bool holds, const avro_type& t, element e) const {
    if (!holds)
      throw config_error{fmt::format("{}: the default {} is no {}", where_, excerpt(simdjson::minify(e)), to_text(t))};
  }

  void put_bytes(const avro_type& t, element e) {
    const auto bytes = bytes_of(get<std::string_view>(t, e));
    demand(bytes && (t.kind == avro_kind::bytes || bytes->size() == t.size), t, e);
    t.kind == avro_kind::bytes ? put_avro_text(to_, *bytes) : void(to_.append(*bytes));
  }

  void put_symbol(const avro_type& t, element e) {
    const auto found = std::find(t.symbols.begin(), t.symbols.end(), get<std::string_view>(t, e));
    demand(found != t.symbols.end(), t, e);
    wire::put_folded(to_, found - t.symbols.begin());
  }

  void put_array(const avro_type& t, element e) {
    const auto values = get<simdjson::dom::array>(t, e);
    for (const auto value : values) { // a block for each: an array of the parser counts only to 2^24
      wire::put_folded(to_, 1);
      put(*t.parts.front(), value);
    }
    wire::put_folded(to_, 0);
  }

  void put_map(const avro_type& t, element e) {
    for (const auto [key, value] : get<simdjson::dom::object>(t, e)) {
      wire::put_folded(to_, 1);
      put_avro_text(to_, key);
      put(*t.parts.front(), value);
    }
    wire::put_folded(to_, 0);
  }

  void put_record(const avro_type& t, element e) {
    const auto values = get<simdjson::dom::object>(t, e);
    for (const auto& f : t.fields) {
      element value;
      if (values.at_key(f.name).get(value) == simdjson::SUCCESS)
        put(*f.type, value);
      else
        demand(f.fallback.has_value(), t, e), to_.append(*f.fallback);
    }
  }

  std::string& to_;
  std::string_view where_;
};

} // namespace

std::string avro_default(const avro_type& type, element value, std::string_view where) {
  std::string bytes;
  default_encoder{bytes, where}.put(type, value);
  return bytes;
}

} // namespace leat
