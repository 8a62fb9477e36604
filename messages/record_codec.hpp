#pragma once

#include <leat/base/bytes.hpp>
#include <leat/base/encodable.hpp>
#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/messages/batch.hpp>

#include <cstddef>
#include <typeinfo>

namespace leat {

/// Writes batches of one record type as bytes and reads them back, for whoever does not know the type: records that are on
/// their way at a checkpoint. One per type, for ever; any thread.
class record_codec {
public:
  virtual ~record_codec() = default;

  /// Writes the records of `in` from index `from` on, with their event times.
  virtual void encode(const batch_base& in, std::size_t from, byte_writer& to) const = 0;

  /// @throws state_error when the bytes are no such batch.
  [[nodiscard]] virtual batch_ptr decode(byte_reader& from) const = 0;

  /// What the records are written as.
  [[nodiscard]] virtual const encoded_type& type() const noexcept = 0;
};

/// A record type, for whoever does not know it.
struct record_kind {
  const std::type_info* type = nullptr; ///< see `batch_base::record_type`; null: not known
  const record_codec* codec = nullptr;  ///< null: records of this type cannot be written as bytes
};

namespace detail {

template <class T>
class typed_record_codec final : public record_codec {
public:
  void encode(const batch_base& in, std::size_t from, byte_writer& to) const override {
    const auto records = static_cast<const batch<T>&>(in).records();
    const auto times = in.timestamps();
    to.unsigned_number(records.size() - from);
    for (auto i = from; i < records.size(); ++i) {
      to.signed_number(to_millis(times[i]));
      leat::encode(to, records[i]);
    }
  }

  [[nodiscard]] batch_ptr decode(byte_reader& from) const override {
    auto out = batch<T>::fresh();
    for (auto left = from.unsigned_number(); left != 0; --left) {
      const auto time = from_millis(from.signed_number());
      T record{};
      leat::decode(from, record);
      out->push(std::move(record), time);
    }
    return out;
  }

  [[nodiscard]] const encoded_type& type() const noexcept override { return encoded_type_of<T>(); }
};

} // namespace detail

/// Of `T`: with a codec when its values can be encoded (`leat/base/encoding.hpp`).
template <class T>
[[nodiscard]] record_kind record_kind_of() {
  if constexpr (encodable<T>) {
    static const detail::typed_record_codec<T> codec;
    return {batch<T>::type(), &codec};
  } else {
    return {batch<T>::type(), nullptr};
  }
}

} // namespace leat
