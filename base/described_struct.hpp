#pragma once

#include <boost/describe.hpp>

#include <type_traits>

namespace leat {

/// Whether `T` is a struct with BOOST_DESCRIBE_STRUCT: what records, rows and compound keys are.
template <class T>
concept described_struct = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;

/// Descriptors of all members of a described struct, those of its bases first, in the order of their description.
template <described_struct T>
using described_members =
  boost::describe::describe_members<T, boost::describe::mod_any_access | boost::describe::mod_inherited>;

} // namespace leat
