using EventFiles.Infrastructure.Compression;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.ObjectStorage.S3;
using EventFiles.Infrastructure.Security;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Encryption;

/// <summary>One node that encrypts, on a directory or on a place in a bucket.</summary>
internal sealed class EncryptedNode : IAsyncDisposable
{
    public static readonly SharedSecret Secret = new("4f1c9a72d05be83617fa2c9be04d6813");

    private readonly ServiceProvider services;

    /// <param name="keys">Null for those that follow from <see cref="Secret"/>.</param>
    public EncryptedNode(string database, string? directory, S3Settings? s3 = null, EraKeys? keys = null, bool isOn = true, bool compresses = false)
    {
        (Database, Directory) = (database, directory);
        var all = new ServiceCollection().AddLogging().AddSingleton(new Slices([])).AddEventStore(database);
        all = s3 is null ? all.AddDirectoryObjects(directory!) : all.AddS3Objects(s3);
        all = all.AddEncryption(keys ?? EraKeys.Of([Secret]), isOn);
        services = (compresses ? all.AddCompression(isOn: true) : all).BuildServiceProvider();
    }

    public string Database { get; }

    public string? Directory { get; }

    public IObjects Objects => services.GetRequiredService<IObjects>();

    /// <summary>Of a node that compresses.</summary>
    public ICompression Compression => services.GetRequiredService<ICompression>();

    /// <summary>The store below.</summary>
    public IObjects Stored => services.GetRequiredKeyedService<IObjects>("stored");

    public IDependency Keys => services.GetServices<IDependency>().Single(one => one.Name == "keys");

    public IDirectWrites? Direct => services.GetService<IDirectWrites>();

    public IPresignedReads? Presigned => services.GetService<IPresignedReads>();

    /// <summary>One of its parts.</summary>
    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    /// <summary>The one file of an object in the directory.</summary>
    public string FileOf(ObjectKey key) => System.IO.Directory
        .GetFiles(Directory!, "*", SearchOption.AllDirectories)
        .Single(file => Path.GetFileName(file).StartsWith(key.Value[(key.Value.LastIndexOf('/') + 1)..], StringComparison.Ordinal));

    /// <summary>Asks or changes what the rows say.</summary>
    public async Task<object?> Sql(string sql)
    {
        await using var source = NpgsqlDataSource.Create(PostgresFixture.AsOwner(Database));
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();
}
