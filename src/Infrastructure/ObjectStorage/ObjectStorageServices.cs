using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>Adds objects in a directory.</summary>
public static class ObjectStorageServices
{
    /// <summary>Keeps objects as files below <paramref name="directory"/>, which is created when needed.</summary>
    /// <param name="isGuest">A server is running on the directory, and this is another process beside it.</param>
    public static IServiceCollection AddDirectoryObjects(
        this IServiceCollection services, string directory, bool isGuest = false) =>
        services.AddSingleton<IObjects>(_ => new DirectoryObjects(directory, isGuest));
}
