//! Copies a registry.

use async_graphql::registry::{MetaDirective, Registry};

/// Copies a registry, which does not implement `Clone`.
pub(crate) fn copy(registry: &Registry) -> Registry {
    let directives = registry.directives.iter().map(|(name, directive)| (name.clone(), copy_directive(directive)));
    Registry {
        types: registry.types.clone(),
        directives: directives.collect(),
        implements: registry.implements.clone(),
        query_type: registry.query_type.clone(),
        mutation_type: registry.mutation_type.clone(),
        subscription_type: registry.subscription_type.clone(),
        introspection_mode: registry.introspection_mode,
        enable_federation: registry.enable_federation,
        federation_subscription: registry.federation_subscription,
        ignore_name_conflicts: registry.ignore_name_conflicts.clone(),
        enable_suggestions: registry.enable_suggestions,
    }
}

fn copy_directive(directive: &MetaDirective) -> MetaDirective {
    MetaDirective {
        name: directive.name.clone(),
        description: directive.description.clone(),
        locations: directive.locations.clone(),
        args: directive.args.clone(),
        is_repeatable: directive.is_repeatable,
        visible: directive.visible,
        composable: directive.composable.clone(),
    }
}
