#pragma once

#include <leat/base/error.hpp>
#include <leat/base/schema.hpp>

namespace leat {

/// The field that a member of a described struct is: `member_field(&order::order_id).name`.
/// @throws pipeline_error when the member is not in the struct's description.
template <class T, class Member>
const field& member_field(Member T::*member) {
  static const T some{};
  const auto& of = schema_of<T>();
  for (const auto& f : of.fields())
    if (f.in(&some) == static_cast<const void*>(&(some.*member)) && f.type == &field_type_of<Member>())
      return f;
  throw pipeline_error{"a member of `" + of.name() + "` is named that its BOOST_DESCRIBE_STRUCT does not list"};
}

} // namespace leat
