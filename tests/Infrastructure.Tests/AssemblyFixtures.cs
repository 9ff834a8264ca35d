[assembly: AssemblyFixture(typeof(EventFiles.Infrastructure.Tests.PostgresFixture))]
[assembly: AssemblyFixture(typeof(EventFiles.Infrastructure.Tests.RedisFixture))]
[assembly: AssemblyFixture(typeof(EventFiles.Infrastructure.Tests.S3Fixture))]
