using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>Adds objects in a directory.</summary>
public static class ObjectStorageServices
{
    /// <summary>Keeps objects as files below <paramref name="directory"/>, which is created when needed.</summary>
    public static IServiceCollection AddDirectoryObjects(this IServiceCollection services, string directory) =>
        services.AddSingleton<IObjects>(_ => new DirectoryObjects(directory));
}
