using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.Embedded;

namespace EventFiles.Host.Commands;

/// <summary>Log and objects of a server, for a command: no views, no workers, no HTTP, and nothing that runs by itself.</summary>
internal static class BareStore
{
    /// <summary>What it takes to read and compare them.</summary>
    /// <param name="database">For Npgsql.</param>
    /// <param name="isGuest">Whether a server runs on it.</param>
    public static ServiceProvider Of(Product product, Settings settings, string database, bool isGuest)
    {
        var all = Common(product, settings, database, isGuest, out _);
        return all.BuildServiceProvider();
    }

    /// <summary>The same with what seals and opens secrets.</summary>
    /// <param name="database">For Npgsql.</param>
    /// <param name="isGuest">Whether a server runs on it.</param>
    public static ServiceProvider WithKeys(Product product, Settings settings, string database, bool isGuest)
    {
        var all = Common(product, settings, database, isGuest, out var node);
        return product.Adapters.Keys(all, node).BuildServiceProvider();
    }

    private static IServiceCollection Common(Product product, Settings settings, string database, bool isGuest, out Node node)
    {
        node = new Node
        {
            Settings = settings,
            Database = database,
            ObjectsFolder = DataFolder.ObjectsIn(settings.DataFolder),
            KeysFolder = settings.IsEmbedded ? DataFolder.KeysIn(settings.DataFolder) : null,
            IsGuest = isGuest,
        };
        var all = new ServiceCollection().AddLogging()
            .AddSingleton(settings.Configuration())
            .AddSingleton(product.Slices);
        product.Adapters.Log(all, node);
        product.Adapters.Objects(all, node);
        product.Adapters.Children(all, node);
        foreach (var slice in product.Slices.All)
            slice.Register(all);
        return all;
    }
}
