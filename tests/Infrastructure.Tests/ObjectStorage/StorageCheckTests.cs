using EventFiles.Infrastructure.ObjectStorage;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Tests.ObjectStorage;

/// <summary>Comparing the log with a directory.</summary>
public sealed class StorageCheckTests(PostgresFixture postgres) : StorageCheckContract(postgres)
{
    private readonly string directory = Directory.CreateTempSubdirectory("check-").FullName;

    protected override Task AddObjects(IServiceCollection services)
    {
        services.AddDirectoryObjects(directory);
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }
}
