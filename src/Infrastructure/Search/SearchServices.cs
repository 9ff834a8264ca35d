using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Search;

/// <summary>Wires search.</summary>
public static class SearchServices
{
    /// <summary>
    /// <see cref="ISearchIndex"/> in the event store's database, and the views that it follows from, whose store stands before
    /// all others'. Call it after the read models were added.
    /// </summary>
    /// <param name="language">A text search configuration of the server's; <c>simple</c> knows no endings and no language.</param>
    public static IServiceCollection AddPostgresSearch(this IServiceCollection services, string language = "simple")
    {
        var usual = services.Last(service => service.ServiceType == typeof(IViewStore));
        services.Remove(usual);
        services.AddSingleton(provider => new SearchRows(provider.GetRequiredService<EventPool>(), language));
        services.AddSingleton<IViewStore>(provider => new RoutedViewStore(
            usual.ImplementationFactory is { } make
                ? (IViewStore)make(provider)
                : (IViewStore)ActivatorUtilities.CreateInstance(provider, usual.ImplementationType!),
            new PostgresViewStore(
                provider.GetRequiredService<EventPool>(),
                new AllBesideViews(provider.GetRequiredService<SearchRows>(), new SearchFolderRows(provider.GetRequiredService<EventPool>())),
                language),
            new HashSet<string>(StringComparer.Ordinal) { SearchView.Projection, SearchFolderView.Projection }));
        return services.AddSingleton<ISearchIndex>(provider => new PostgresSearchIndex(provider.GetRequiredService<EventPool>(), language));
    }
}
