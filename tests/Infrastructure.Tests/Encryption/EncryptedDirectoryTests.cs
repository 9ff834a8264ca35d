using EventFiles.Infrastructure.Tests.ObjectStorage;

namespace EventFiles.Infrastructure.Tests.Encryption;

/// <summary>The contract of object stores, with encryption before a directory.</summary>
public sealed class EncryptedDirectoryTests(PostgresFixture postgres, S3Fixture s3) : ObjectsContract, IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("encrypted-").FullName;
    private string database = null!;
    private EncryptedNode node = null!;

    protected override IObjects Objects => node.Objects;

    public async ValueTask InitializeAsync()
    {
        database = await s3.RentDatabase(postgres);
        node = new EncryptedNode(database, directory);
    }

    protected override void Restart() => node = new EncryptedNode(database, directory);

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        s3.Return(database);
        Directory.Delete(directory, recursive: true);
    }
}
